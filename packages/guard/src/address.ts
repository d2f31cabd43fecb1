/** Throws a TypeError that begins with `name` unless keys may be fetched from below `address`. */
export function checkAddress(name: string, address: string): URL {
  if (typeof address !== "string" || !URL.canParse(address)) throw new TypeError(`${name} must be an absolute URL`);
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") throw new TypeError(`${name} must not contain a user or password`);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) {
    throw new TypeError(`${name} must be https, or http on a loopback address: ${address}`);
  }
  if (address.includes("#")) throw new TypeError(`${name} must not have a fragment: ${address}`);
  return url;
}

/** Whether `url` leads to the machine it is used on. `URL` has brought every spelling of an IPv4 address into one. */
export function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
