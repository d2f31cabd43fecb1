import type { Route } from "../http/route.ts";
import type { Visit } from "./visit.ts";

/** A page or one of its forms, below the issuer unless it says otherwise. */
export interface PageRoute extends Pick<Route, "path" | "at"> {
  readonly method: "get" | "post";
  readonly handle: (visit: Visit) => Response | Promise<Response>;
}
