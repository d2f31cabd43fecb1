import { OstiaryError } from "../errors.ts";

/** Who tokens may be for at all. */
export interface Audiences {
  readonly audience: readonly string[];
  readonly issuer: string;
}

/**
 * The APIs that a token is asked for (RFC 8707 §2): of the configured audience, and the issuer itself. Empty if none is
 * named: then it is for the configured audience. Throws `invalid_target`.
 */
export function checkedResources(requested: readonly string[], { audience, issuer }: Audiences): string[] {
  for (const resource of requested) {
    if (!isAbsoluteUri(resource)) throw refused("resource must be an absolute URI without fragment.");
    if (resource !== issuer && !audience.includes(resource)) throw refused("resource names nothing that tokens of this server are for.");
  }
  return [...new Set(requested)];
}

/** Of those that were granted (RFC 8707 §2.2); the same if none is named. Throws `invalid_target` for any other. */
export function narrowedResources(requested: readonly string[], granted: readonly string[], audiences: Audiences): string[] {
  const resources = checkedResources(requested, audiences);
  if (resources.length === 0) return [...granted];
  const from = granted.length > 0 ? granted : audiences.audience;
  if (resources.some((resource) => !from.includes(resource))) throw refused("resource asks for more than was granted.");
  return resources;
}

function isAbsoluteUri(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:[\x21\x23-\x7e]+$/i.test(text) && !text.includes("#") && URL.canParse(text);
}

function refused(message: string): OstiaryError {
  return new OstiaryError("invalid_target", message);
}
