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

it("who sends a pattern as it stands is taken at their word", () => {
  const all = [route("GET", "/users/{id}"), route("GET", "/view/*")];
  expect(find(all, "/users/{id}").req.param("id")).toBe("{id}");
  expect(find(all, "/view/*").place?.methods.size).toBe(1);
});

it("a path that is written out comes before one with names, whichever was first", () => {
  const all = [route("DELETE", "/keys/{id}"), route("POST", "/keys/options"), route("GET", "/view/*"), route("GET", "/view")];
  const methodsAt = (path: string) => [...(find(all, path).place?.methods.keys() ?? [])];
  expect(methodsAt("/keys/options")).toEqual(["POST"]);
  expect(methodsAt("/keys/other")).toEqual(["DELETE"]);
  expect(methodsAt("/view/of/anything")).toEqual(["GET"]);
  for (const path of ["/keys", "/keys/", "/keys/a/b", "/KEYS/options", "/view2", "/__proto__"]) expect(methodsAt(path)).toEqual([]);
});

it("whose pages may call is one thing for all methods of a path", () => {
  expect(find([route("GET", "/a", "any"), route("POST", "/a", "none"), route("PUT", "/a")], "/a").place?.pages).toBe("none");
  expect(find([route("GET", "/a/{b}"), route("POST", "/a/{b}", "any")], "/a/b").place?.pages).toBe("any");
});
