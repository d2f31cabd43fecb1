import type { User as UserBody } from "@ostiary/protocol";
import type { User } from "../users/user.ts";

/** A user as the API shows them. */
export function toUserBody(user: User): UserBody {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerified,
    name: user.name,
    roles: [...user.roles],
    createdAt: new Date(user.createdAt).toISOString(),
  };
}
