import { text } from "node:stream/consumers";
import { OstiaryError } from "../errors.ts";

/** Asks for a password twice, or takes standard input up to its first line break. */
export async function readNewPassword({ fromStdin }: { fromStdin: boolean }): Promise<string> {
  if (fromStdin) return (await text(process.stdin)).split(/\r?\n/, 1)[0] ?? "";
  if (!process.stdin.isTTY) {
    throw new OstiaryError("invalid_request", "There is no terminal to ask for a password: use --password-stdin.");
  }
  const { isCancel, password } = await import("@clack/prompts");
  // Standard output is for what was asked for.
  const ask = (message: string) => password({ message, output: process.stderr });
  const first = await ask("Password");
  if (isCancel(first)) throw new OstiaryError("invalid_request", "Cancelled.");
  const second = await ask("The same again");
  if (isCancel(second)) throw new OstiaryError("invalid_request", "Cancelled.");
  if (first !== second) throw new OstiaryError("invalid_request", "The two passwords differ.");
  return first;
}
