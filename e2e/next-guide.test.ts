import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REPOSITORY } from "./launch.ts";
import { fencedBlocks } from "./printed-blocks.ts";

it("the files in the guide for Next.js are those of the example, which is built and driven by a browser", () => {
  const guide = readFileSync(join(REPOSITORY, "docs/nextjs.md"), "utf8");
  const blocks = [...fencedBlocks(guide, "ts"), ...fencedBlocks(guide, "tsx")];
  const files = blocks.flatMap((block) => {
    const [, path, content] = /^\/\/ (\S+)\n([\s\S]*)$/.exec(block) ?? [];
    return path === undefined || path === "middleware.ts" ? [] : [{ path, content: `${content}\n` }];
  });
  expect(files.map(({ path }) => path)).toContain("proxy.ts");
  for (const { path, content } of files) {
    expect([path, content]).toEqual([path, readFileSync(join(REPOSITORY, "examples/next-app", path), "utf8")]);
  }
  expect(files.length).toBeGreaterThanOrEqual(8);
});
