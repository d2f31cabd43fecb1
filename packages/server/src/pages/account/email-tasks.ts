import { OstiaryError } from "../../errors.ts";
import type { Form } from "../../http/form.ts";
import { changeEmailRequest } from "../../http/mail-fields.ts";
import { askerOf, mailFlowDeps } from "../../http/mail-flow.ts";
import { requestEmailChange } from "../../users/change-email.ts";
import { requestVerification } from "../../users/verify-email.ts";
import type { Visit } from "../visit.ts";
import type { Visitor } from "../visitor.ts";
import type { Outcome } from "./task.ts";

/** Asks for another address: a mail goes there, and nothing changes until it was answered. */
export async function changeEmail(visit: Visit, { user, session }: Visitor, form: Form): Promise<Outcome> {
  const { c, deps, texts } = visit;
  const values = { newEmail: form.get("newEmail") ?? "", currentPassword: form.get("emailPassword") ?? "" };
  const parsed = changeEmailRequest.safeParse(values);
  if (!parsed.success) {
    const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]));
    return failedIn({
      ...(wrong.has("newEmail") ? { newEmail: values.newEmail.trim() === "" ? texts.emailMissing : texts.emailInvalid } : {}),
      ...(wrong.has("currentPassword") ? { emailPassword: values.currentPassword === "" ? texts.passwordMissing : texts.currentPasswordWrong } : {}),
    });
  }
  const change = { userId: user.id, sessionId: session.id, ...parsed.data };
  try {
    await requestEmailChange(mailFlowDeps(deps, "addresses"), change, askerOf(c), c.req.raw.signal);
  } catch (error) {
    const isWrong = error instanceof OstiaryError && error.code === "invalid_credentials";
    if (!isWrong) throw error;
    return failedIn({ emailPassword: texts.currentPasswordWrong });
  }
  return { notice: "mail-sent" };
}

export async function verifyAgain({ c, deps }: Visit, { user }: Visitor): Promise<Outcome> {
  await requestVerification(mailFlowDeps(deps, "addresses"), user, askerOf(c));
  return { notice: "mail-sent" };
}

function failedIn(fields: Readonly<Record<string, string>>): Outcome {
  return { failure: { status: 400, text: null, fields } };
}
