/**
 * The administrators' part of the API: every route needs the role, and whatever is done is audited with who did it.
 * Owns that, and nothing else: what is done, the domains do, by the same functions as for the command line.
 */
import type { Origin } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Activity, ActivityRange } from "../audit/activity.ts";
import type { Clients } from "../clients/clients.ts";
import { OstiaryError } from "../errors.ts";
import type { Keys } from "../keys/keys.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { ADMIN_ROLE } from "../users/first-admin.ts";
import type { FirstAdmin } from "../users/first-admin.ts";
import type { User } from "../users/user.ts";
import type { Users } from "../users/users.ts";
import { currentUser } from "./current-user.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { refusals, security } from "./operation.ts";
import type { Route } from "./route.ts";

/** The domains, for somebody: what they do is audited as theirs. */
export interface Administration {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly clients: Clients;
  readonly keys: Keys;
}

export interface AdminDeps {
  readonly as: (origin: Origin) => Administration;
  readonly audit: Pick<AuditStore, "list">;
  readonly activity: { over(range: ActivityRange): Promise<Activity> };
  readonly firstAdmin: Pick<FirstAdmin, "claim">;
}

interface AdminRoute extends Omit<Route, "handle"> {
  readonly handle: (c: HttpContext, admin: Administration & { user: User }, deps: HttpDeps) => Response | Promise<Response>;
}

/** A route for administrators: its refusals without the role, and the domains as theirs. */
export function adminRoute({ operation, handle, ...place }: AdminRoute): Route {
  return {
    ...place,
    operation: {
      ...operation,
      tags: ["admin"],
      security: security("bearer"),
      responses: {
        ...refusals({ 401: "`missing_token` or `invalid_token`", 403: "`insufficient_role`: for administrators only" }),
        ...operation.responses,
      },
    },
    async handle(c, deps) {
      const { user, identity } = await currentUser(c, deps);
      // Of the token: the guard has refused it if the roles have changed since.
      if (!identity.roles.includes(ADMIN_ROLE)) {
        throw new OstiaryError("insufficient_role", `This needs the role ${ADMIN_ROLE}.`);
      }
      const { ip, userAgent } = deviceOf(c);
      const domains = deps.admin.as({ ip, userAgent, by: { id: user.id, email: user.email } });
      return handle(c, { ...domains, user }, deps);
    },
  };
}

/** Nobody saws off the branch they sit on: another administrator can, or the command line. */
export function refuseOneself(admin: User, id: string, what: string): void {
  if (admin.id !== id) return;
  throw new OstiaryError("invalid_request", `You cannot ${what} yourself: let another administrator do it.`);
}

export function noSuch(what: string): OstiaryError {
  return new OstiaryError("not_found", `There is no such ${what}.`);
}
