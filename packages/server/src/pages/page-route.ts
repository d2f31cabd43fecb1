import type { Route } from "../http/route.ts";
import type { Visit } from "./visit.ts";

/** A page or one of its forms, below the issuer unless it says otherwise. */
export interface PageRoute extends Pick<Route, "path" | "at"> {
  readonly method: Route["method"];
  readonly handle: (visit: Visit) => Response | Promise<Response>;
}

/**
 * For a page that does something when it is opened: nothing, where somebody only looks what is there. HEAD is answered by the
 * route of GET, and may leave out what only the content would tell (RFC 9110 §9.3.2).
 */
export function whenOpened(handle: PageRoute["handle"]): PageRoute["handle"] {
  return (visit) => (visit.c.req.method === "HEAD" ? visit.c.body(null) : handle(visit));
}
