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
    if (resource !== issuer && !audience.includes(resource)) {
      throw refused("resource names nothing that tokens of this server are for.");
    }
  }
  return [...new Set(requested)];
}

/**
 * Of those that were granted (RFC 8707 §2.2); the same if none is named. `unnamed` is what a grant is for that names none.
 * What is no audience any more was granted in vain. Throws `invalid_target` for any other, and if none is left.
 */
export function narrowedResources(
  requested: readonly string[],
  granted: readonly string[],
  audiences: Audiences,
  unnamed: readonly string[],
): string[] {
  const resources = checkedResources(requested, audiences);
  const left = granted.filter((resource) => resource === audiences.issuer || audiences.audience.includes(resource));
  if (granted.length > 0 && left.length === 0) {
    throw refused("Nothing that was granted is an audience of this server's any more.");
  }
  if (resources.length === 0) return left;
  const from = granted.length > 0 ? left : unnamed;
  if (resources.some((resource) => !from.includes(resource))) throw refused("resource asks for more than was granted.");
  return resources;
}

function isAbsoluteUri(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:[\x21\x23-\x7e]+$/i.test(text) && !text.includes("#") && URL.canParse(text);
}

function refused(message: string): OstiaryError {
  return new OstiaryError("invalid_target", message);
}
