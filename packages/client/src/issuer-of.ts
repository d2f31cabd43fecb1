/** As servers name themselves: without a slash at its end. Throws a `TypeError` if it is not a URL. */
export function issuerOf(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}
