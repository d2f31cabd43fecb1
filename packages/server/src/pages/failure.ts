import type { z } from "zod";
import { OstiaryError } from "../errors.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MAX_RAW_LENGTH } from "../users/password.ts";
import type { Failure } from "./form.ts";
import { FormExpired } from "./own-form.ts";
import { waitOf } from "./times.ts";
import type { Texts } from "./texts/texts.ts";
import type { Visit } from "./visit.ts";

/** The values of a form by the names of its fields, as far as messages depend on them. */
export type Values = Readonly<Record<string, string>>;

/** A problem with the form that the person can mend or wait for; null for what is no affair of the form. */
export function failureOf(error: unknown, visit: Visit, values: Values): Failure | null {
  const { texts } = visit;
  if (error instanceof FormExpired) return { status: 400, text: texts.formExpired, fields: {} };
  if (!(error instanceof OstiaryError)) return null;
  const { code, field, retryAfterSeconds } = error;
  switch (code) {
    case "invalid_credentials":
      if (field !== undefined) return { status: 400, text: null, fields: { [field]: texts.currentPasswordWrong } };
      // No challenge goes with it, so it is no 401 (RFC 9110 §15.5.2).
      return { status: 400, text: texts.invalidCredentials, fields: {} };
    case "invalid_link":
      return { status: 400, text: texts.byMail.linkInvalid, fields: {} };
    case "email_taken":
      return { status: 409, text: null, fields: { email: texts.emailTaken } };
    case "too_many_attempts": {
      const text = texts.tooManyAttempts(waitOf(visit.locale, retryAfterSeconds ?? 60));
      return { status: 429, text, fields: {}, retryAfterSeconds };
    }
    case "unavailable":
      visit.deps.settings.onError(error);
      return { status: 503, text: texts.unavailable, fields: {}, retryAfterSeconds };
    case "invalid_request": {
      const text = field === undefined ? null : fieldText(field, visit, values);
      if (field === undefined || text === null) return { status: 400, text: texts.failed, fields: {} };
      return { status: 400, text: null, fields: { [field]: text } };
    }
    default:
      return null;
  }
}

/** What the schema refuses, field by field. */
export function fieldFailure(error: z.ZodError, visit: Visit, values: Values): Failure {
  const named = [...new Set(error.issues.map(({ path }) => String(path[0] ?? "")))];
  const fields = named.map((name) => [name, fieldText(name, visit, values) ?? visit.texts.failed]);
  return { status: 400, text: null, fields: Object.fromEntries(fields) as Record<string, string> };
}

function fieldText(name: string, { texts, deps }: Visit, values: Values): string | null {
  const value = values[name] ?? "";
  switch (name) {
    case "email":
      return value.trim() === "" ? texts.emailMissing : texts.emailInvalid;
    case "name":
      return texts.nameInvalid;
    case "currentPassword":
      return value === "" ? texts.passwordMissing : texts.currentPasswordWrong;
    case "password":
      return value === "" ? texts.passwordMissing : newPasswordText(value, texts, deps.settings.passwordMinLength);
    case "newPassword":
      return newPasswordText(value, texts, deps.settings.passwordMinLength);
    default:
      return null;
  }
}

/** With a new password in it that is outside the limits as well: the schema does not know them. */
export function newPasswordFailure(failure: Failure, name: string, visit: Visit, values: Values): Failure {
  const value = values[name] ?? "";
  const length = value.length > PASSWORD_MAX_RAW_LENGTH ? value.length : [...value.normalize("NFC")].length;
  const isFit = length >= visit.deps.settings.passwordMinLength && length <= PASSWORD_MAX_LENGTH;
  const text = isFit ? null : fieldText(name, visit, values);
  return text === null ? failure : { ...failure, fields: { ...failure.fields, [name]: text } };
}

function newPasswordText(value: string, texts: Texts, min: number): string {
  if (value.length > PASSWORD_MAX_RAW_LENGTH) return texts.passwordTooLong;
  const length = [...value.normalize("NFC")].length;
  if (length < min) return texts.passwordTooShort(min);
  return length > PASSWORD_MAX_LENGTH ? texts.passwordTooLong : texts.passwordInvalid;
}
