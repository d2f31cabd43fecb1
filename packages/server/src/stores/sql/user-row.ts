import type { Kysely } from "kysely";
import { emailIdentity } from "../../users/email.ts";
import type { User } from "../../users/user.ts";
import { builtOnce } from "./built-once.ts";
import type { Database } from "./schema.ts";
import type { UserRow } from "./tables/users.ts";

const byId = (db: Kysely<Database>) => db.selectFrom("users").selectAll().where("id", "=", "");
const READ = { none: builtOnce(byId), share: builtOnce((db) => byId(db).forShare()) };

export async function findUser(db: Kysely<Database>, id: string, lock: "none" | "share" = "none"): Promise<User | null> {
  const [row] = (await READ[lock](db, id)).rows;
  return row === undefined ? null : toUser(row);
}

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified === 1,
    name: row.name,
    roles: JSON.parse(row.roles) as string[],
    passwordHash: row.password_hash,
    tokenVersion: row.token_version,
    disabledAt: row.disabled_at === null ? null : Number(row.disabled_at),
    createdAt: Number(row.created_at),
  };
}

export function toUserRow(user: User): UserRow {
  return {
    id: user.id,
    email: user.email,
    email_identity: emailIdentity(user.email),
    email_verified: user.emailVerified ? 1 : 0,
    name: user.name,
    roles: JSON.stringify(user.roles),
    password_hash: user.passwordHash,
    token_version: user.tokenVersion,
    disabled_at: user.disabledAt,
    created_at: user.createdAt,
  };
}
