import { OstiaryError } from "../errors.ts";
import type { PublicUser, Users } from "../users/users.ts";

const PAGE = 1000;

/** By e-mail or id. Throws `not_found`. */
export async function findUser(users: Users, who: string): Promise<PublicUser> {
  const user = who.includes("@") ? await users.findByEmail(who) : await users.find(who);
  if (user === null) throw new OstiaryError("not_found", `There is no user ${who}.`);
  return user;
}

/** All users, in the order they were created. */
export async function* everyUser(users: Users): AsyncGenerator<PublicUser> {
  for (let after: string | undefined; ; ) {
    const page = await users.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}
