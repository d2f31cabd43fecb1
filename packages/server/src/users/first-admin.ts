import { hash, timingSafeEqual } from "node:crypto";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { UserDeps } from "./authenticate.ts";
import { createUser } from "./create-user.ts";
import type { NewUser } from "./create-user.ts";
import { ADMIN_ROLE } from "./roles.ts";
import { roleTerm } from "./search-terms.ts";
import type { User } from "./user.ts";

const TOKEN_BYTES = 32;

/** Lets whoever reads what the server prints become its first administrator, once, while there is none. */
export interface FirstAdmin {
  /** What proves it, good until it is used or the process ends. Null if there is an administrator. */
  offer(): Promise<string | null>;
  /** Makes the administrator. Throws `not_found` unless the token is the one on offer; otherwise as `createUser`. */
  claim(token: string, user: Omit<NewUser, "roles">, origin: Origin): Promise<User>;
}

export function createFirstAdmin(deps: UserDeps & { random: Random }): FirstAdmin {
  let offered: Uint8Array | null = null;

  async function hasAdmin(): Promise<boolean> {
    const admins = await deps.store.search({ words: [], exactly: [roleTerm(ADMIN_ROLE)], after: null, limit: 1 });
    return admins.length > 0;
  }

  return {
    async offer() {
      if (await hasAdmin()) return null;
      const token = Buffer.from(deps.random.bytes(TOKEN_BYTES)).toString("base64url");
      offered = digest(token);
      return token;
    },
    async claim(token, user, origin) {
      const mine = offered;
      if (mine === null || !timingSafeEqual(digest(token), mine)) throw usedUp();
      // Taken before anything is waited for: of two who come at once, one gets in.
      offered = null;
      try {
        if (await hasAdmin()) throw usedUp();
        return await createUser(deps, { ...user, roles: ["user", ADMIN_ROLE] }, origin);
      } catch (error) {
        // A password that was too short is no reason to start the server anew.
        if (!(error instanceof OstiaryError && error.code === "not_found")) offered = mine;
        throw error;
      }
    },
  };
}

function digest(token: string): Uint8Array {
  return new Uint8Array(hash("sha256", token, "buffer"));
}

function usedUp(): OstiaryError {
  return new OstiaryError("not_found", "This link has been used, or the server has been started anew since.");
}
