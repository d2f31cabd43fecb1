import type { HttpContext } from "../http/http-context.ts";

/** Browsers name HTML when a person goes to an address; scripts and programs do not. */
export function wantsPage(c: HttpContext): boolean {
  return /(?:^|[\s,])text\/html(?:[\s,;]|$)/i.test(c.req.header("accept") ?? "");
}
