import { GuardError } from "@ostiary/guard/embedded";
import { API_KEY_CLIENT_ID, FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import type { Client } from "../../../clients/client.ts";
import { OstiaryError } from "../../../errors.ts";
import { revokeToken } from "../../../revocation/revoke-token.ts";
import { findByRefreshToken } from "../../../sessions/find.ts";
import { revokeSession } from "../../../sessions/revoke.ts";
import { requireClient } from "../../client-authentication.ts";
import { deviceOf } from "../../device.ts";
import { readForm, requiredParameter } from "../../form.ts";
import type { HttpContext } from "../../http-context.ts";
import type { HttpDeps } from "../../http-deps.ts";
import { formBody, refusals, security, tokenForm } from "../../operation.ts";
import type { Route } from "../../route.ts";

type Revoke = (c: HttpContext, deps: HttpDeps, client: Client, token: string) => Promise<boolean>;

export const revokeTokenRoute: Route = {
  method: "post",
  path: "/oauth/revoke",
  cors: "any",
  operation: {
    summary: "Revoke a token (RFC 7009)",
    description:
      "An access token is worthless from now on, and its session goes on; with a refresh token, of whichever generation, " +
      "its session ends; an API key ends. What is no token of ours, or no longer good, is no error. A client revokes its " +
      "own tokens only; a " +
      "public one by its `client_id`. Guards revoke those of our own sign-in, and users' API keys.",
    security: [{}, ...security("client")],
    requestBody: formBody(tokenForm),
    responses: {
      200: { description: "The token is not good, whatever it was." },
      ...refusals({
        400: "`invalid_request`",
        401: "`invalid_client`",
        403: "`unauthorized_client`: another client's token, or a client that has no business here",
        429: "`too_many_attempts`, for wrong credentials",
      }),
    },
  },
  async handle(c, deps) {
    const form = await readForm(c);
    const client = await requireClient(c, deps, form);
    if (!client.guard && client.registration === null) throw refused("This client is no guard and has no tokens.");
    const token = requiredParameter(form, "token");
    const ways: Revoke[] = [revokeAccessToken, revokeRefreshToken, revokeApiKey];
    // A wrong hint is no reason not to find it (RFC 7009 §2.1).
    if (form.get("token_type_hint") === "refresh_token") ways.reverse();
    for (const revoke of ways) if (await revoke(c, deps, client, token)) break;
    return c.body(null, 200);
  },
};

/** False if it is no access token that is good still. */
async function revokeAccessToken(c: HttpContext, deps: HttpDeps, client: Client, token: string): Promise<boolean> {
  const identity = await deps.tokenGuard.verify(token).catch((error: unknown) => {
    if (error instanceof GuardError && error.error === "invalid_token") return null;
    throw error;
  });
  if (identity === null) return false;
  const { jti, client_id: issuedTo } = identity.claims;
  requireOwn(client, issuedTo);
  // In the client's own name there is neither a user nor a session.
  const isOfUser = identity.subject !== issuedTo;
  const revoked = isOfUser ? { jti, userId: identity.subject, sessionId: identity.sessionId } : { jti };
  await revokeToken({ ...deps, clock: deps.settings.clock }, revoked, deviceOf(c), { clientId: client.id });
  return true;
}

/** False if it is no refresh token of a session that is known still. */
async function revokeRefreshToken(c: HttpContext, deps: HttpDeps, client: Client, token: string): Promise<boolean> {
  const found = await findByRefreshToken(deps.sessions, token);
  if (found === null) return false;
  requireOwn(client, found.session.clientId);
  const by = { clientId: client.id };
  await revokeSession(deps.sessions, found.session, "refresh_token_revoked", deviceOf(c), by);
  return true;
}

/** False if it is no API key that is good still. */
async function revokeApiKey(c: HttpContext, deps: HttpDeps, client: Client, token: string): Promise<boolean> {
  const claims = await deps.apiKeys.resolve(token);
  if (claims === null) return false;
  requireOwn(client, claims.client_id === API_KEY_CLIENT_ID ? FIRST_PARTY_CLIENT_ID : claims.client_id);
  await deps.admin.as(deviceOf(c)).apiKeys.revoke(claims.sid);
  return true;
}

/** A client revokes its own tokens (RFC 7009 §2.1). First-party tokens belong to no client: a guard may see to them. */
function requireOwn(client: Client, issuedTo: string): void {
  if (issuedTo === client.id || (client.guard && issuedTo === FIRST_PARTY_CLIENT_ID)) return;
  throw refused("The token was issued to another client.");
}

function refused(message: string): OstiaryError {
  return new OstiaryError("unauthorized_client", message);
}
