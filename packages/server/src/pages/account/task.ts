import type { Failure } from "../form.ts";
import type { NoticeName } from "../texts/texts.ts";

/** What a form of the account page is for: its field `task`. */
export type TaskName =
  | "profile"
  | "email"
  | "verify-email"
  | "password"
  | "sign-out"
  | "end"
  | "end-others"
  | "end-all"
  | "withdraw"
  | "set-password"
  | "unlink"
  | "add-passkey"
  | "rename-passkey"
  | "remove-passkey"
  | "remove-app"
  | "new-codes";

/** What came of a task: what to say, and whether it was the end of this session; or what is wrong with its form. */
export type Outcome =
  | { readonly notice: NoticeName; readonly isOut?: boolean }
  /** Of its own, shown this once. */
  | { readonly page: Response }
  | { readonly failure: Failure };
