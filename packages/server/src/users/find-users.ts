import { OstiaryError } from "../errors.ts";
import type { UserDeps } from "./authenticate.ts";
import { DISABLED_TERM, roleTerm, wordsOf } from "./search-terms.ts";
import type { FoundUser, UserSearch } from "./user-store.ts";
import type { User } from "./user.ts";

export interface UserQuery {
  /** Beginnings of words of e-mail and name, in any order; or an id. */
  readonly text?: string | undefined;
  readonly role?: string | undefined;
  /** Only those who cannot sign in. Default false. */
  readonly disabled?: boolean | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** 1 to 1,000; default 50. */
  readonly limit?: number | undefined;
}

export interface UserPage<Shown = User> {
  readonly users: readonly Shown[];
  /** For the next page; null if there is none. */
  readonly next: string | null;
}

const ID_FORM = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Users page by page: those who were asked for by the order of what they were found under, all by age, newest first. */
export async function findUsers({ store }: Pick<UserDeps, "store">, query: UserQuery): Promise<UserPage> {
  const { text = "", role, disabled = false, limit = 50 } = query;
  const id = text.trim().toLowerCase();
  if (ID_FORM.test(id)) {
    const user = await store.find(id);
    return { users: user === null ? [] : [user], next: null };
  }
  const size = Math.min(Math.max(limit, 1), 1000);
  const words = wordsOf(text);
  const exactly = [...(role === undefined ? [] : [roleTerm(role)]), ...(disabled ? [DISABLED_TERM] : [])];
  const found = await store.search({
    words,
    exactly,
    after: query.after === undefined ? null : cursorOf(query.after, [...words, ...exactly]),
    // One more tells whether there is another page.
    limit: size + 1,
  });
  const shown = found.slice(0, size);
  const last = found.length > size ? shown.at(-1) : undefined;
  return { users: shown.map(({ user }) => user), next: last === undefined ? null : textOf(last) };
}

function textOf({ user, term, along }: FoundUser): string {
  return Buffer.from(JSON.stringify([user.id, term, along])).toString("base64url");
}

/** It goes on along the same of the terms that are asked for: fewer may be found under another by now. */
function cursorOf(text: string, asked: readonly string[]): NonNullable<UserSearch["after"]> {
  try {
    const [userId, term, along] = JSON.parse(Buffer.from(text, "base64url").toString()) as unknown[];
    const isText = typeof userId === "string" && typeof term === "string" && !/\0/.test(userId + term);
    const known = asked.length === 0 ? "" : asked.find((one) => one === along);
    if (isText && along === known && known !== undefined) return { userId, term, along: known };
  } catch {
    // Told below.
  }
  throw new OstiaryError("invalid_request", "after is no cursor of this list.", { reason: "invalid_field", field: "after" });
}
