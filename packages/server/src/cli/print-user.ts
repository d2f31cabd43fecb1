import { OstiaryError } from "../errors.ts";
import type { PublicUser } from "../users/users.ts";
import { printable } from "./printable.ts";

export function printUser(user: PublicUser | null, json = false): void {
  if (user === null) throw new OstiaryError("not_found", "The user has just been deleted.");
  const createdAt = new Date(user.createdAt).toISOString();
  if (json) {
    const { id, email, emailVerified, name, roles } = user;
    console.log(JSON.stringify({ id, email, emailVerified, name, roles, disabled: user.disabledAt !== null, createdAt }));
  } else {
    const called = user.name === null ? user.email : `${user.email} (${user.name})`;
    const disabled = user.disabledAt === null ? "" : "  disabled";
    console.log(`${user.id}  ${printable(called)}  [${user.roles.join(", ")}]  since ${createdAt.slice(0, 10)}${disabled}`);
  }
}
