"use server";

import { revalidatePath } from "next/cache";
import { login, logout, requireUser } from "../lib/auth";
import { notesOf } from "../lib/notes";

export async function addNote(form: FormData): Promise<void> {
  const user = await requireUser();
  notesOf(user.subject).push(String(form.get("note")));
  revalidatePath("/dashboard");
}

/** For `useActionState`: what is wrong, and the sign-in that waits for its second step, if there is one. */
export async function signIn(before: SignIn, form: FormData): Promise<SignIn> {
  const { error, error_description: problem, mfaToken } = await login(form);
  if (error === "mfa_required") return { mfaToken };
  // A wrong code can be tried again, a sign-in that is over begins anew.
  return error === "sign_in_expired" ? { problem } : { ...before, problem };
}

interface SignIn {
  readonly problem?: string | undefined;
  readonly mfaToken?: string | undefined;
}

export async function signOut(): Promise<void> {
  await logout("/");
}
