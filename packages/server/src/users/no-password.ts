import type { User } from "./user.ts";

/** In the place of a hash where there is none, and of its form: a password that gives just this key is not to be found. */
export const NO_PASSWORD = `$argon2id$v=19$m=19456,t=2,p=1$bm8gcGFzc3dvcmQgaGVyZQ$${"A".repeat(43)}`;

/** Whether there is any password that lets them in. */
export function hasPassword({ passwordHash }: Pick<User, "passwordHash">): boolean {
  return passwordHash !== NO_PASSWORD;
}
