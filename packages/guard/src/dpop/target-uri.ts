/**
 * Whether two URLs name the same target (RFC 9449 §4.3 no. 9): scheme and host in any case, a default port written or
 * not, percent-encoding in either spelling (RFC 3986 §6.2.2, §6.2.3), and query and fragment not at all. Paths are
 * otherwise compared as they are, a last slash included.
 */
export function sameTarget(one: string, other: string): boolean {
  const target = normalise(one);
  return target !== undefined && target === normalise(other);
}

/** What a parser would silently repair is no address: two readers could repair it differently. */
const PRINTABLE = /^[\x21-\x5B\x5D-\x7E]+$/;

function normalise(text: string): string | undefined {
  if (!PRINTABLE.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, username, password, host, pathname } = new URL(text);
  if ((protocol !== "https:" && protocol !== "http:") || username !== "" || password !== "") return undefined;
  return `${protocol}//${host}${pathname.replaceAll(/%[0-9a-f]{2}/gi, plainest)}`;
}

/** `%7e` is `~`, and `%2f` is `%2F`, which is no slash. */
function plainest(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[A-Za-z0-9._~-]/.test(character) ? character : encoded.toUpperCase();
}
