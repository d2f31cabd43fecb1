import { isApiScope } from "../tokens/scope-names.ts";
import type { TokenLimits } from "../tokens/access-token.ts";
import { invalidGrant } from "./granted-tokens.ts";
import type { OAuthClient } from "./granted-tokens.ts";
import { narrowedResources } from "./resources.ts";
import type { Audiences } from "./resources.ts";
import { narrowedScopes } from "./scopes.ts";

interface Grant {
  readonly scopes: readonly string[];
  /** Empty: none was named. */
  readonly resources: readonly string[];
}

/**
 * What a token is limited to: to what is asked for now, of what was granted once, of what the client may have today. What
 * is taken from a registration, or from the configured audience, goes at the next exchange; what is added, users are asked.
 * Throws `invalid_scope` and `invalid_target` for more than that, and `invalid_grant` if nothing is left.
 */
export function limitsOfGrant(
  { registration }: OAuthClient,
  granted: Grant,
  asked: { readonly scope?: string | undefined; readonly resources: readonly string[] },
  settings: Audiences,
): TokenLimits & { readonly firstParty: boolean } {
  const { firstParty } = registration;
  const left = granted.scopes.filter((scope) => registration.scopes.includes(scope));
  if (left.length === 0) throw invalidGrant("The client may no longer have anything of what it was granted.");
  const unnamed = firstParty || left.some(isApiScope) ? settings.audience : [];
  return {
    scopes: narrowedScopes(asked.scope, left),
    audience: narrowedResources(asked.resources, granted.resources, settings, unnamed),
    firstParty,
  };
}
