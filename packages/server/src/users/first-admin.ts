import { hash, timingSafeEqual } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import type { Origin } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import { OstiaryError } from "../errors.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import type { UserDeps } from "./authenticate.ts";
import { createUser } from "./create-user.ts";
import type { NewUser } from "./create-user.ts";
import { ADMIN_ROLE } from "./roles.ts";
import { roleTerm } from "./search-terms.ts";
import type { User } from "./user.ts";

const TOKEN_BYTES = 32;
/** Long enough to start a server and open a link; what is printed may lie about for longer. */
const LIFETIME_MS = 60 * 60 * 1000;
const PAGE = 1000;

/** Lets whoever reads what the server prints become its first administrator, once, while there is none. */
export interface FirstAdmin {
  /**
   * What proves it, good for an hour, until it is used, the process ends, or there is an administrator, however briefly.
   * Null if there is one.
   */
  offer(): Promise<string | null>;
  /** Makes the administrator. Throws `not_found` unless the token is the one on offer; otherwise as `createUser`. */
  claim(token: string, user: Omit<NewUser, "roles">, origin: Origin): Promise<User>;
}

interface Offer {
  readonly digest: Uint8Array;
  readonly until: number;
  /** The last audit event before it. */
  readonly eventId: number;
}

export function createFirstAdmin(deps: UserDeps & { random: Random; audit: Pick<AuditStore, "list"> }): FirstAdmin {
  let offered: Offer | null = null;

  async function hasAdmin(): Promise<boolean> {
    const admins = await deps.store.search({ words: [], exactly: [roleTerm(ADMIN_ROLE)], after: null, limit: 1 });
    return admins.length > 0;
  }

  /** Whether any process made one since then, also if they are one no more. */
  async function hadAdminSince(eventId: number): Promise<boolean> {
    for (let after = eventId; ; ) {
      const events = await deps.audit.list({ types: ["user_created", "roles_changed"], after, limit: PAGE });
      if (events.some(({ detail }) => Array.isArray(detail["roles"]) && detail["roles"].includes(ADMIN_ROLE))) return true;
      if (events.length < PAGE) return false;
      after = events.at(-1)?.id ?? after;
      await turn();
    }
  }

  return {
    async offer() {
      const [last] = await deps.audit.list({ limit: 1 });
      if (await hasAdmin()) return null;
      const token = randomText(deps.random, TOKEN_BYTES);
      offered = { digest: digest(token), until: deps.clock() + LIFETIME_MS, eventId: last?.id ?? 0 };
      return token;
    },
    async claim(token, user, origin) {
      const mine = offered;
      if (mine === null || !timingSafeEqual(digest(token), mine.digest)) throw usedUp();
      // Taken before anything is waited for: of two who come at once, one gets in.
      offered = null;
      try {
        if (deps.clock() >= mine.until || (await hasAdmin()) || (await hadAdminSince(mine.eventId))) throw usedUp();
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
  const why = "This link has been used, is older than an hour, or came from an earlier start; or there is an administrator.";
  return new OstiaryError("not_found", why);
}
