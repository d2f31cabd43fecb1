import { METHOD_NAME_ALL } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";
import { HonoRequest } from "hono/request";
import type { RouterRoute } from "hono/types";
import { getPath } from "hono/utils/url";
import type { CallingPages } from "./cors.ts";
import type { HttpContext } from "./http-context.ts";

export type Handle = (c: HttpContext) => Response | Promise<Response>;

/** What is to be called for a method at a path. */
export interface Served {
  readonly method: string;
  /** From the root of the server; `{name}` stands for one segment, `*` at the end for any. */
  readonly path: string;
  readonly pages: CallingPages;
  readonly handle: Handle;
}

/** All that is served at one path. */
export interface Place {
  readonly pages: CallingPages;
  readonly methods: Map<string, Handle>;
}

/** Which place a request is for; undefined if there is nothing. HEAD is for what GET is for. */
export interface RouteTable {
  find(request: Request): { readonly req: HonoRequest<string>; readonly place: Place | undefined };
}

/** Of what the methods at a path say, the last of these counts for all. */
const PRECEDENCE: readonly CallingPages[] = ["allowed", "any", "none"];

export function createRouteTable(all: readonly Served[]): RouteTable {
  const places = new Map<string, Place>();
  for (const { method, path, pages, handle } of all) {
    const known = places.get(path);
    // The issuer may be the root, with the same path twice: the first counts.
    if (known?.methods.has(method) === true) continue;
    const forAll = PRECEDENCE.findLast((one) => one === pages || one === known?.pages) ?? pages;
    places.set(path, { pages: forAll, methods: (known?.methods ?? new Map<string, Handle>()).set(method, handle) });
  }
  // Most paths are what they are, and need no search.
  const plain = new Map([...places].filter(([path]) => !isPattern(path)));
  const patterns = new TrieRouter<[Place, RouterRoute]>();
  for (const [path, place] of places) {
    if (!isPattern(path)) continue;
    const route = { basePath: "/", path: path.replace(/\{(\w+)\}/g, ":$1"), method: METHOD_NAME_ALL, handler() {} };
    patterns.add(route.method, route.path, [place, route]);
  }
  return {
    find(request) {
      const path = getPath(request);
      const place = plain.get(path);
      if (place !== undefined) return { req: new HonoRequest<string>(request, path), place };
      const found = patterns.match(METHOD_NAME_ALL, path);
      return { req: new HonoRequest<string>(request, path, found), place: found[0][0]?.[0][0] };
    },
  };
}

function isPattern(path: string): boolean {
  return /[{*]/.test(path);
}
