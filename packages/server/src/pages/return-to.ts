/** Longer than any address that an app sends people back to. */
const MAX_LENGTH = 2048;
/** The requests of OAuth's clients are longer, and come back to ourselves. */
const MAX_OWN_LENGTH = 8192;

/**
 * Where to go after signing in: an address at the issuer's own origin, as a path or in full, or at an allowed origin.
 * Null for everything else, however it is written. The result is always in full, so that it means one thing only.
 */
export function allowedReturn(value: string | undefined, allowedOrigins: readonly string[], ownOrigin: string): string | null {
  if (value === undefined || value === "" || value.length > MAX_OWN_LENGTH) return null;
  // Browsers drop some of these and take others for a slash: what we judge must be what they follow.
  if (/[\p{C}\s\\]/u.test(value)) return null;
  const isPath = /^\/(?!\/)/.test(value);
  const isFull = /^https?:\/\//i.test(value);
  const url = isPath ? URL.parse(value, ownOrigin) : isFull ? URL.parse(value) : null;
  if (url === null || url.username !== "" || url.password !== "") return null;
  if (url.origin === ownOrigin) return value.length <= MAX_LENGTH || url.pathname.endsWith("/oauth/authorize") ? url.href : null;
  return value.length <= MAX_LENGTH && allowedOrigins.includes(url.origin) ? url.href : null;
}
