import type { Form } from "../../http/form.ts";

/** What the script has put into a form of a passkey: JSON that the domain has yet to judge. Null if it is none. */
export function passkeyIn(form: Form): { readonly passkeyToken: string; readonly passkey: object } | null {
  try {
    const passkey: unknown = JSON.parse(form.get("passkey") ?? "");
    return typeof passkey === "object" && passkey !== null ? { passkey, passkeyToken: form.get("passkeyToken") ?? "" } : null;
  } catch {
    return null;
  }
}
