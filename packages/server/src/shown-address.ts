/**
 * Where a database is, for people to read: the scheme, the host and the path of its address. Passwords are in the rest,
 * and where an address cannot be taken apart, nobody knows where they are. Several come with commas between.
 */
export function shownAddress(address: string): string {
  if (address.startsWith("sqlite:")) return address;
  const shown = address.split(",").map(withoutCredentials);
  if (!shown.includes(null)) return shown.join(",");
  return `${SCHEME.exec(address)?.[0] ?? ""}…`;
}

const SCHEME = /^(?:postgres(?:ql)?|rediss?):\/\//;

function withoutCredentials(address: string): string | null {
  const url = SCHEME.test(address) ? URL.parse(address) : null;
  // A password with a slash in it that nobody has encoded is read as a path.
  if (url === null || url.pathname.includes("@")) return null;
  return `${url.protocol}//${url.host}${url.pathname}`;
}
