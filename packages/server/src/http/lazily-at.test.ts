import { describe, expect, it } from "vitest";
import { LAZY_PAGES } from "../pages/lazy-pages.ts";
import { lazilyAt } from "./lazily-at.ts";
import { routesOf } from "./routes/routes.ts";

describe("the tables and their files", () => {
  it("differ in nothing: a page that only its file has would be nowhere", async () => {
    const written = [{ method: "get", path: "/a" }, { method: "post", path: "/a" }] as const;
    for (const names of [["get /a"], ["get /a", "post /a", "put /a"], ["get /a", "post /b"]] as const) {
      await expect(lazilyAt(names, async () => written)[0]!.load()).rejects.toThrow("and the file has get /a, post /a.");
    }
    expect(await lazilyAt(["post /a", "get /a"], async () => written)[0]!.load()).toBe(written[1]);
  });

  it.each(routesOf("/auth").map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_, table) => {
    const { method, path, at, cors, forPrograms } = await table.load();
    expect({ method, path, at, cors, forPrograms }).toEqual({
      method: table.method,
      path: table.path,
      at: table.at,
      cors: table.cors,
      forPrograms: table.forPrograms,
    });
  });

  it.each(LAZY_PAGES.map((page) => [`${page.method} ${page.path}`, page] as const))("the page %s", async (_, page) => {
    expect(await page.load()).toMatchObject({ method: page.method, path: page.path });
  });
});
