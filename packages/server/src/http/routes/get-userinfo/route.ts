import { z } from "zod";
import { OstiaryError } from "../../../errors.ts";
import { userClaims } from "../../../tokens/id-token.ts";
import type { User } from "../../../users/user.ts";
import { findUser } from "../../current-user.ts";
import { errorResponse } from "../../errors.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { jsonAnswer, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";
import { resourceMetadataUrl } from "../get-resource-metadata/route.ts";

const claims = z.object({
  sub: z.string(),
  name: z.string().meta({ description: "With the scope `profile`." }).optional(),
  email: z.string().meta({ description: "With the scope `email`." }).optional(),
  email_verified: z.boolean().optional(),
});

const place: Omit<Route, "method"> = {
  path: "/oauth/userinfo",
  cors: "any",
  operation: {
    summary: "Who has signed in to a client (OIDC Core §5.3)",
    description:
      "With an access token that has the scope `openid`, in the Authorization header alone. What its other scopes allow is told.",
    security: security("bearer"),
    responses: {
      200: jsonAnswer("Claims about the user.", claims),
      ...refusals({
        400: "`invalid_request`: two tokens",
        401: "`missing_token` or `invalid_token`",
        403: "`insufficient_scope`: not granted `openid`",
      }),
    },
  },
  handle: respond,
};

/** Browsers' apps and most libraries ask by GET; both have to be there (OIDC Core §5.3.1). */
export const userinfoRoutes: readonly Route[] = [{ ...place, method: "get" }, { ...place, method: "post" }];

async function respond(c: HttpContext, deps: HttpDeps): Promise<Response> {
  const { user, scopes } = await whoeverSignedIn(c, deps).catch((error: unknown) => {
    challenge(c, deps, error);
    throw error;
  });
  return c.json({ sub: user.id, ...userClaims(user, scopes) } satisfies z.output<typeof claims>);
}

async function whoeverSignedIn(c: HttpContext, deps: HttpDeps): Promise<{ user: User; scopes: readonly string[] }> {
  const identity = await deps.userinfoGuard.authenticate(c.req.raw);
  const { scopes } = identity;
  if (!scopes.includes("openid")) {
    const scheme = identity.claims.cnf === undefined ? "Bearer" : "DPoP";
    c.header("WWW-Authenticate", `${scheme} error="insufficient_scope", scope="openid"`); // RFC 6750 §3.1
    throw new OstiaryError("insufficient_scope", "This needs an access token with the scope openid.");
  }
  return { user: await findUser(c, deps, identity, deps.userinfoGuard), scopes };
}

/** The challenge of before, and where it is told who gives tokens for this (RFC 9728 §5.1). */
function challenge(c: HttpContext, { settings }: HttpDeps, error: unknown): void {
  const { status, headers } = errorResponse(error, () => {});
  if (status !== 401) return;
  const before = headers.get("www-authenticate") ?? "Bearer";
  const separator = before.includes("=") ? "," : "";
  c.header("WWW-Authenticate", `${before}${separator} resource_metadata="${resourceMetadataUrl(settings)}"`);
}
