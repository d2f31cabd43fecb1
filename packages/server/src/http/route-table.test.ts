import { expect, it } from "vitest";
import { createRouteTable } from "./route-table.ts";
import type { Served } from "./route-table.ts";

const handle = (): Response => new Response(null);
const route = (method: string, path: string, pages: Served["pages"] = "allowed"): Served => ({ method, path, pages, handle });
const find = (all: readonly Served[], path: string) => createRouteTable(all).find(new Request(`https://id.example${path}`));

it("names in a path are told as they were meant", () => {
  const { req, place } = find([route("GET", "/users/{id}/sessions/{session}")], "/users/a%2Fb/sessions/%C3%A9?id=other");
  expect(place).toBeDefined();
  expect([req.param("id"), req.param("session")]).toEqual(["a/b", "é"]);
});

it("a name's place may be taken by what looks like the name itself", () => {
  const { req, place } = find([route("GET", "/users/{id}")], "/users/%7Bid%7D");
  expect([place === undefined, req.param("id")]).toEqual([false, "{id}"]);
});

it("a path that is written out comes before one with names, whichever was first", () => {
  const all = [route("DELETE", "/keys/{id}"), route("POST", "/keys/options"), route("GET", "/view/*"), route("GET", "/view")];
  const methodsAt = (path: string) => [...(find(all, path).place?.methods.keys() ?? [])];
  expect(methodsAt("/keys/options")).toEqual(["POST"]);
  expect(methodsAt("/keys/other")).toEqual(["DELETE"]);
  expect(methodsAt("/view/of/anything")).toEqual(["GET"]);
  for (const path of ["/keys", "/keys/", "/keys/a/b", "/KEYS/options", "/view2", "/__proto__"]) expect(methodsAt(path)).toEqual([]);
});

it("whose pages may call is said once for a path: what its strictest method says", () => {
  expect(find([route("GET", "/a", "any"), route("POST", "/a", "none"), route("PUT", "/a")], "/a").place?.pages).toBe("none");
  expect(find([route("GET", "/a/{b}"), route("POST", "/a/{b}", "any")], "/a/b").place?.pages).toBe("any");
});
