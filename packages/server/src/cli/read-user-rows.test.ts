import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { temporaryFile } from "../../test/test-server.ts";
import { StartError } from "../errors.ts";
import { readUserRows } from "./read-user-rows.ts";
import type { UserRow } from "./read-user-rows.ts";

async function rowsOf(path: string): Promise<UserRow[]> {
  const rows = [];
  for await (const row of readUserRows(path)) rows.push(row);
  return rows;
}

describe("a CSV row with another number of cells than the head line is refused, and those after it are not", () => {
  it.each([
    ["a comma in a name that is not quoted does not shift what follows it into the roles", "bob@example.com,hash,Bob,admin,user"],
    ["nor does one before an empty cell", "bob@example.com,hash,Bob,admin,"],
    ["too few", "bob@example.com,hash,admin"],
  ])("%s", async (_, row) => {
    const path = temporaryFile("users.csv");
    writeFileSync(path, `email,passwordHash,name,roles\n${row}\nada@example.com,hash,Ada,user\n`);
    const rows = await rowsOf(path);
    expect(rows.map(({ line, user }) => ({ line, user }))).toEqual([
      { line: 2, user: { unreadable: "another number of columns than the head line" } },
      { line: 3, user: { email: "ada@example.com", passwordHash: "hash", name: "Ada", roles: ["user"] } },
    ]);
  });
});

describe.each(["csv", "jsonl"])("a .%s file", (extension) => {
  it("that is not there, or is a folder, is a StartError", async () => {
    const path = temporaryFile("folder");
    const folder = `${path}.${extension}`;
    mkdirSync(folder);
    for (const [unreadable, code] of [[join(path, `users.${extension}`), "ENOENT"], [folder, "EISDIR"]] as const) {
      const reading = rowsOf(unreadable);
      await expect(reading).rejects.toThrow(StartError);
      await expect(reading).rejects.toThrow(`${unreadable} cannot be read (${code}`);
    }
  });

  it("is let go row by row: none is kept in memory once it was handed out", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const row = (i: number) =>
      extension === "csv" ? `user${i}@example.com,hash` : JSON.stringify({ email: `user${i}@example.com`, passwordHash: "hash" });
    const path = temporaryFile(`users.${extension}`);
    writeFileSync(path, ["email,passwordHash", ...Array.from({ length: 2000 }, (_, i) => row(i))].join("\n"));
    const handedOut: WeakRef<UserRow["user"]>[] = [];
    for await (const { user } of readUserRows(path)) {
      handedOut.push(new WeakRef(user));
      if (handedOut.length !== 1800) continue;
      await setImmediate();
      collectGarbage();
      expect(handedOut.filter((handed) => handed.deref() !== undefined).length).toBeLessThan(100);
    }
    expect(handedOut.length).toBeGreaterThanOrEqual(2000);
  });
});
