import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REPOSITORY } from "../launch.ts";

it("the guide prints the functions that the example with Prisma has", () => {
  const read = (path: string): string => readFileSync(join(REPOSITORY, path), "utf8");
  const source = read("examples/own-users-prisma/src/users.ts");
  expect(read("docs/own-users.md")).toContain(source.slice(source.indexOf("export const directory")));
});
