/**
 * The administrators' part of the API: every route needs the role, and whatever is done is audited with who did it.
 * Owns that, and nothing else: what is done, the domains do, by the same functions as for the command line.
 */
import { OstiaryError } from "../errors.ts";
import { ADMIN_ROLE } from "../users/roles.ts";
import type { User } from "../users/user.ts";
import type { Administration } from "./admin-deps.ts";
import { currentUser } from "./current-user.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { refusals, security } from "./operation.ts";
import type { Route } from "./route.ts";

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
