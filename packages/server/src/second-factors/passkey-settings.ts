/** Where passkeys of this server are good. */
export interface PasskeySettings {
  /** The domain that browsers bind them to (WebAuthn §5.1.2); it cannot be changed without losing them all. */
  readonly rpId: string;
  /** The origins whose pages may use them. */
  readonly origins: readonly string[];
}

/** Whether pages of this origin may use passkeys of this domain: its host is the domain or below it. */
function isOriginOf(rpId: string, origin: string): boolean {
  const url = URL.parse(origin);
  if (url === null || url.origin !== origin) return false;
  return url.hostname === rpId || url.hostname.endsWith(`.${rpId}`);
}

/** `allowed`: origins whose pages may use the server at all. */
export function passkeySettings(
  given: { readonly rpId?: string | undefined; readonly origins?: readonly string[] | undefined },
  host: string,
  allowed: readonly string[],
): PasskeySettings {
  const { rpId = host, origins = allowed.filter((origin) => isOriginOf(rpId, origin)) } = given;
  return { rpId, origins };
}

/** What browsers would refuse, a sentence each. */
export function passkeyProblems(
  { passkeys: { rpId, origins }, issuer }: { readonly passkeys: PasskeySettings; readonly issuer: string },
  nameOf: (path: string) => string,
): string[] {
  const { origin, hostname } = new URL(issuer);
  if (!isOriginOf(rpId, origin)) return [`${nameOf("passkeys.rpId")}: must be the issuer's host or a domain above it, and ${hostname} is not below ${rpId}.`];
  return origins
    .filter((one) => !isOriginOf(rpId, one))
    .map((one) => `${nameOf("passkeys.origins")}: browsers let no page of ${one} use passkeys of ${rpId}.`);
}
