/**
 * The administrators' part of the API: every route needs the role, and whatever is done is audited with who did it.
 * Owns that, and nothing else: what is done, the domains do, by the same functions as for the command line.
 */
import type { Identity } from "@ostiary/guard";
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
        ...refusals({
          401: "`missing_token` or `invalid_token`",
          403:
            "`insufficient_role`: for administrators only, by their own sign-in · `csrf_failed`: from a page of another " +
            "origin",
        }),
        ...operation.responses,
      },
    },
    async handle(c, deps) {
      const { user, identity } = await currentUser(c, deps);
      requireAdmin(user, identity);
      requireOwnOrigin(c, deps);
      const { ip, userAgent } = deviceOf(c);
      const domains = deps.admin.as({ ip, userAgent, by: { id: user.id, email: user.email } });
      return handle(c, { ...domains, user }, deps);
    },
  };
}

/** The token must say so, and the database still. What was given to another application does not come this far. */
function requireAdmin({ roles }: User, identity: Identity): void {
  if (!identity.roles.includes(ADMIN_ROLE) || !roles.includes(ADMIN_ROLE)) {
    throw new OstiaryError("insufficient_role", `This needs the role ${ADMIN_ROLE}.`);
  }
}

/** Apps of other origins may use the server for their users; of browsers' pages the console alone administers it. */
function requireOwnOrigin(c: HttpContext, { settings }: HttpDeps): void {
  const origin = c.req.header("origin");
  if (origin === undefined || origin === new URL(settings.issuer).origin) return;
  throw new OstiaryError("csrf_failed", "Pages of other origins may not administer this server.");
}

/** Nobody saws off the branch they sit on: another administrator can, or the command line. */
export function refuseOneself(admin: User, id: string, what: string): void {
  if (admin.id !== id) return;
  throw new OstiaryError("invalid_request", `You cannot ${what} yourself: let another administrator do it.`);
}

export function noSuch(what: string): OstiaryError {
  return new OstiaryError("not_found", `There is no such ${what}.`);
}
