import { isEmailAddress, normalizeEmail } from "../users/email.ts";
import { isShownText } from "../users/shown-text.ts";
import { FederationError } from "./provider-client.ts";
import type { Profile } from "./provider-client.ts";

/** OIDC Core §2: at most 255 characters of ASCII. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
const MAX_NAME_LENGTH = 200;

/** What a provider said of somebody, as far as it can be used. Throws where it does not say who it is. */
export function profileOf(said: {
  readonly issuer: string;
  readonly subject: unknown;
  readonly email: unknown;
  readonly emailVerified: boolean;
  readonly name: unknown;
  readonly label?: string | undefined;
  readonly authTime: number | null;
}): Profile {
  const { issuer, subject, authTime } = said;
  if (typeof subject !== "string" || !SUBJECT.test(subject)) {
    throw new FederationError("refused", `${issuer} does not say who it is.`);
  }
  const typed = typeof said.email === "string" ? normalizeEmail(said.email) : "";
  const email = isEmailAddress(typed) ? typed : null;
  const name = typeof said.name === "string" ? shownName(said.name) : null;
  return {
    issuer,
    subject,
    email,
    emailVerified: email !== null && said.emailVerified,
    name,
    label: said.label ?? email ?? name,
    authTime,
  };
}

function shownName(name: string): string | null {
  const shown = name.trim().slice(0, MAX_NAME_LENGTH).toWellFormed();
  return shown !== "" && isShownText(shown) ? shown : null;
}
