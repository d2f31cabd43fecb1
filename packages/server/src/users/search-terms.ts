import { emailIdentity } from "./email.ts";
import type { User } from "./user.ts";

/**
 * What a user is found by: the e-mail whole and in parts, the name whole and word by word, roles, and whether they are
 * disabled. Kept beside the users and in order, so that a search reads no more of them than it shows.
 */
export function searchTerms(user: Pick<User, "email" | "name" | "roles" | "disabledAt">): string[] {
  const email = emailIdentity(user.email);
  const name = folded(user.name ?? "");
  const words = [email, email.slice(email.lastIndexOf("@") + 1), ...parts(email), name, ...name.split(/\s+/), ...parts(name)];
  const found = words.filter(Boolean).map((word) => word.slice(0, MAX_TERM));
  return [...new Set([...found, ...user.roles.map(roleTerm), ...(user.disabledAt === null ? [] : [DISABLED_TERM])])];
}

/** Characters of a term that are kept. */
const MAX_TERM = 64;
/** More words than a name has ask for nothing more. */
const MAX_WORDS = 6;

/** No word of an e-mail or a name has such a character: nobody is found under a role by being called like it. */
const MARK = "\u0001";
export const DISABLED_TERM = `${MARK}disabled`;

export function roleTerm(role: string): string {
  return `${MARK}role ${role}`;
}

/** What somebody typed, as the beginnings of terms; the longest first. */
export function wordsOf(typed: string): string[] {
  const words = folded(typed.slice(0, 256)).split(/\s+/).map((word) => word.slice(0, MAX_TERM)).filter(Boolean);
  return [...new Set(words)].toSorted((a, b) => b.length - a.length).slice(0, MAX_WORDS);
}

function folded(text: string): string {
  // Control characters would reach the marks above.
  return text.normalize("NFC").toLowerCase().replace(/\p{Cc}/gu, " ").trim();
}

function parts(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u);
}
