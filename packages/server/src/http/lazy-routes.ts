import { lazilyAt } from "./lazily-at.ts";
import type { Lazy, PlaceName } from "./lazily-at.ts";
import type { Place, Route } from "./route.ts";

/** An endpoint that is known by its place: its file is loaded at the first request for it. Most never come in a process. */
export interface LazyRoute extends Place, Lazy<Route>, Pick<Route, "handle"> {}

/** The endpoints of one file. */
export function lazyRoutes(
  names: PlaceName | readonly PlaceName[],
  load: () => Promise<Route | readonly Route[]>,
  flags: Omit<Place, "method" | "path"> = {},
): LazyRoute[] {
  return lazilyAt(names, load).map((route) => {
    let loaded: Route | undefined;
    const handle: Route["handle"] = async (c, deps) => (loaded = await route.load()).handle(c, deps);
    // Nothing to wait for once it is there.
    return { ...route, ...flags, handle: (c, deps) => (loaded ?? { handle }).handle(c, deps) };
  });
}
