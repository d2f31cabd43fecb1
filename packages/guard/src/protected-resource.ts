/**
 * What an API says of itself (RFC 9728): which URL it is, who gives out tokens for it, and how they are to be sent.
 * Clients that know nothing but the API's URL find their way by it: a refusal names it, an adapter serves it.
 */
import { checkAddress } from "./address.ts";
import { DPOP_ALGORITHMS } from "./dpop/dpop-proof.ts";

export interface ResourceMetadata {
  /** Where it has to be served: below the API's origin, the resource's own path behind the well-known one (§3.1). */
  readonly path: string;
  readonly url: string;
  readonly document: ResourceDocument;
}

/** RFC 9728 §2. */
export interface ResourceDocument {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly ["header"];
  readonly dpop_signing_alg_values_supported: readonly string[];
  readonly dpop_bound_access_tokens_required?: true;
  readonly resource_name?: string;
}

/** How an API describes itself. */
export interface ResourceOptions {
  /**
   * The API's own URL, as its callers write it: https, or http on a loopback address. It is the `resource` that tokens are
   * asked for with, and its origin is where DPoP proofs have to be for, whatever a proxy makes of the address. Default:
   * unknown; nothing is told of the API, and proofs are taken on loopback addresses alone.
   */
  readonly resource?: string;
  /** The API's name, for people. */
  readonly resourceName?: string;
  /** Scopes that are worth asking for. */
  readonly scopesSupported?: readonly string[];
}

/** RFC 6749 §3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Throws a TypeError for options that say nothing usable. Undefined without a `resource`. */
export function describeResource(
  { resource, resourceName, scopesSupported }: ResourceOptions,
  { issuers, bound }: { readonly issuers: readonly string[]; readonly bound: boolean },
): ResourceMetadata | undefined {
  if (resource === undefined) {
    if (resourceName === undefined && scopesSupported === undefined) return undefined;
    throw new TypeError("resourceName and scopesSupported need resource, the API's own URL");
  }
  const { origin, pathname, search } = checkAddress("resource", resource);
  // It stands in a quoted string of every challenge.
  if (search !== "" || /["\\\s]/.test(resource)) throw new TypeError(`resource must not have a query, quotes or spaces: ${resource}`);
  if (resourceName !== undefined && (typeof resourceName !== "string" || resourceName === "")) {
    throw new TypeError("resourceName must be a text");
  }
  if (scopesSupported !== undefined && !(Array.isArray(scopesSupported) && scopesSupported.every(isScope))) {
    throw new TypeError("scopesSupported must be a list of scopes");
  }
  const path = `/.well-known/oauth-protected-resource${pathname === "/" ? "" : pathname}`;
  const document: ResourceDocument = {
    resource,
    authorization_servers: [...issuers],
    ...(scopesSupported === undefined ? {} : { scopes_supported: Array.from<string>(scopesSupported) }),
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: [...DPOP_ALGORITHMS],
    ...(bound ? { dpop_bound_access_tokens_required: true } : {}),
    ...(resourceName === undefined ? {} : { resource_name: resourceName }),
  };
  return Object.freeze({ path, url: origin + path, document: Object.freeze(document) });
}

/**
 * The names under which tokens are for this API: the URL as it stands, and, where it has no path, in the other of its two
 * spellings, which clients that parse it write.
 */
export function audienceOf(resource: string): string | readonly string[] {
  const { origin, pathname } = new URL(resource);
  return pathname === "/" ? [...new Set([resource, origin, `${origin}/`])] : resource;
}

function isScope(scope: unknown): boolean {
  return typeof scope === "string" && SCOPE_TOKEN.test(scope);
}
