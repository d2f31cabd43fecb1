import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { welcome } from "./cli/welcome.ts";
import { resolveSettings } from "./config.ts";
import { shownAddress } from "./shown-address.ts";

const SHOWN = [
  ["sqlite:.ostiary/ostiary.db", "sqlite:.ostiary/ostiary.db"],
  ["sqlite::memory:", "sqlite::memory:"],
  ["postgres://u:hunter2@db.example:5433/auth?password=hunter3#hunter4", "postgres://db.example:5433/auth"],
  ["postgresql://u:hunter2@[::1]/auth", "postgresql://[::1]/auth"],
  ["postgres:///ost?host=/tmp/x&user=o&password=hunter2", "postgres:///ost"],
  ["postgres://u:hunter2@/db?host=/tmp/x", "postgres://…"],
  ["postgres://u:hunter2@h1:5432,h2:5432/db", "postgres://…"],
  ["postgres://u:1/hunter2@db.example/auth", "postgres://…"],
  ["redis://u:hunter2@cache.example:6379/1?password=hunter3", "redis://cache.example:6379/1"],
  ["rediss://u:hunter2@one.example:6379,rediss://u:hunter2@two.example", "rediss://one.example:6379,rediss://two.example"],
  ["redis://:hunter2,hunter3@one.example", "redis://…"],
  ["redis://one.example,u:hunter2@two.example", "redis://…"],
  ["u:hunter2@db.example", "…"],
] as const;

describe("the address of a database, as it is shown", () => {
  it.each(SHOWN)("%s is shown without what opens it", (address, shown) => {
    expect(shownAddress(address)).toBe(shown);
  });

  it.each([
    "postgres:///ost?host=/tmp/x&user=o&password=hunter2",
    "postgres://u:hunter2@/db?host=/tmp/x",
    "postgres://u:hunter2@h1:5432,h2:5432/db",
  ])("a started server prints nothing of the password in %s", (databaseUrl) => {
    const text = stripVTControlCharacters(welcome(resolveSettings({ inCode: { databaseUrl }, environment: {} }), null));
    expect(text).toContain("Data in postgres://");
    expect(text).not.toContain("hunter");
  });
});
