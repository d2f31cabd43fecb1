/** The server's second door: the same session, renewed and ended in the words of OAuth (OAuth 2.1 §4.1.3, §4.3; RFC 7009). */
import { AuthError } from "../auth-error.ts";
import type { Environment } from "../environment.ts";
import { createIssuerApi } from "../issuer-api.ts";
import type { ApiRequest } from "../issuer-api.ts";
import type { Door } from "../refresh.ts";
import type { TokenAnswer } from "../tokens.ts";
import { readIdToken } from "./id-token.ts";
import type { Profile } from "./id-token.ts";
import type { App, Arrival } from "./sign-in.ts";

export interface OAuthDoor {
  readonly door: Door<Profile>;
  /** Exchanges a code, once: whether the server has got it or not, it is spent. */
  readonly redeem: (arrival: Arrival) => Promise<TokenAnswer<Profile>>;
  /** The last one that came here, which proves to the server's sign-out whose session it is. */
  readonly idToken: () => string | null;
}

interface TokenEndpointAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

export function createOAuthDoor(environment: Environment, app: App): OAuthDoor {
  const { issuer, clientId, redirectUri } = app;
  const api = createIssuerApi(environment, {
    issuer,
    credentials: "omit",
    type: "application/x-www-form-urlencoded",
    encode: (fields) => new URLSearchParams({ client_id: clientId, ...fields }).toString(),
  });
  let idToken: string | null = null;

  async function exchange(request: ApiRequest, nonce: string | null): Promise<TokenAnswer<Profile>> {
    const answer = await api<TokenEndpointAnswer>("/oauth/token", request);
    const user = readIdToken(answer.id_token, { issuer, clientId, nonce });
    idToken = answer.id_token ?? null;
    const { access_token: accessToken, expires_in: expiresIn, refresh_token: refreshToken } = answer;
    return { accessToken, expiresIn, user, csrfToken: "", ...(refreshToken === undefined ? {} : { refreshToken }) };
  }

  async function renew(request: ApiRequest): Promise<TokenAnswer<Profile>> {
    const body = { grant_type: "refresh_token", refresh_token: refreshTokenOf(request) };
    return exchange({ ...request, body }, null).catch((error: unknown) => {
      throw asEndOfSession(error);
    });
  }

  const end = (request: ApiRequest): Promise<null> => {
    const body = { token: refreshTokenOf(request), token_type_hint: "refresh_token" };
    return api("/oauth/revoke", { ...request, body });
  };

  return {
    door: (path, request) => (path === "/refresh" ? renew(request) : end(request)),
    redeem: ({ code, verifier, nonce }: Arrival) =>
      exchange({ body: { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri } }, nonce),
    idToken: () => idToken,
  };
}

function refreshTokenOf({ body }: ApiRequest): string {
  return (body as { refreshToken: string }).refreshToken;
}

/** The client knows the end of a session by the first door's word for it. */
function asEndOfSession(error: unknown): unknown {
  if (!(error instanceof AuthError) || error.code !== "invalid_grant") return error;
  const { message, reason, status } = error;
  return new AuthError("invalid_token", message, { reason, status });
}
