"use server";

import { revalidatePath } from "next/cache";
import { login, logout, requireUser } from "../lib/auth";
import { notesOf } from "../lib/notes";

export async function addNote(form: FormData): Promise<void> {
  const user = await requireUser();
  notesOf(user.subject).push(String(form.get("note")));
  revalidatePath("/dashboard");
}

/** For `useActionState`: what is wrong, if anything. */
export async function signIn(_: string | null, form: FormData): Promise<string | null> {
  return (await login(form)).error_description;
}

export async function signOut(): Promise<void> {
  await logout("/");
}
