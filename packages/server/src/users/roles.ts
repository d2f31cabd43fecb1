import { OstiaryError } from "../errors.ts";

/** Administers the server itself. */
export const ADMIN_ROLE = "admin";

export const DEFAULT_ROLES: readonly string[] = ["user"];

/** Roles stand in tokens, settings and on command lines: no space, no comma, nothing invisible. */
const FORM = /^[^\s,\p{C}]{1,64}$/u;

export function isRole(text: string): boolean {
  return FORM.test(text);
}

/** Each role once. Throws `invalid_request` for what cannot be the name of one. */
export function checkedRoles(roles: readonly string[]): string[] {
  if (!roles.every(isRole)) {
    const mend = "roles must be names of 1 to 64 characters, without spaces and commas.";
    throw new OstiaryError("invalid_request", mend, { reason: "invalid_field", field: "roles" });
  }
  return [...new Set(roles)];
}
