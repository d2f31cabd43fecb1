import type { GrantDeps, GrantedTokens, OAuthClient } from "./granted-tokens.ts";
import { checkedResources } from "./resources.ts";
import { checkedClientScopes } from "./scopes.ts";

/**
 * An access token in the client's own name (RFC 6749 §4.4): nobody else is asked, and it is not refreshed.
 * Throws `invalid_scope` and `invalid_target` for what it may not ask for.
 */
export function issueClientToken(
  { sessions: { accessTokens }, settings }: GrantDeps,
  client: OAuthClient,
  { scope, resources, proofKey }: { scope: string | undefined; resources: readonly string[]; proofKey: string | null },
): GrantedTokens {
  const scopes = checkedClientScopes(scope, client.registration);
  const accessToken = accessTokens.issueForClient(client, scopes, checkedResources(resources, settings), proofKey);
  return { accessToken, expiresIn: accessTokens.lifetimeSeconds };
}
