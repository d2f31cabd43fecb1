import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { SECRET, temporaryFile } from "../test/test-server.ts";
import { dropPreviousSecret, ensureDataDir, newSecret, readSecrets, replaceSecret } from "./data-dir.ts";
import { systemRandom } from "./random.ts";
import type { Random } from "./random.ts";

const readSecret = (options: { secret: string | undefined; dataDir: string; random: Random }) =>
  readSecrets({ ...options, previousSecret: undefined }).current;
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("the secret", () => {
  it("is the configured one; no folder is made for it", () => {
    const dataDir = join(dirname(temporaryFile()), "data");
    expect(readSecret({ secret: SECRET, dataDir, random: systemRandom })).toBe(SECRET);
    expect(() => statSync(dataDir)).toThrow("ENOENT");
  });

  it("is made once, for its owner's eyes only, and read from then on", () => {
    const dataDir = join(dirname(temporaryFile()), "deep", "data");
    const made = readSecret({ secret: undefined, dataDir, random: systemRandom });
    expect(made).toMatch(/^[\w-]{43}$/);
    expect(readSecret({ secret: undefined, dataDir, random: systemRandom })).toBe(made);
    expect(readFileSync(join(dataDir, "secret"), "utf8")).toBe(`${made}\n`);
    expect(readdirSync(dataDir)).toEqual(["secret"]);
    expect(modeOf(join(dataDir, "secret"))).toBe(0o600);
    expect(modeOf(dataDir)).toBe(0o700);
  });

  it("of two processes that start at once the second takes the first's", () => {
    const dataDir = dirname(temporaryFile());
    const path = join(dataDir, "secret");
    const first = newSecret(systemRandom);
    // The other process is done just after this one has looked.
    const random: Random = {
      ...systemRandom,
      bytes(length) {
        writeFileSync(path, `${first}\n`);
        return systemRandom.bytes(length);
      },
    };
    expect(readSecret({ secret: undefined, dataDir, random })).toBe(first);
    expect(readdirSync(dataDir)).toEqual(["secret"]);
  });

  it.each(["", "\n", "cut-off"])("%j in its file is refused, not used", (content) => {
    const dataDir = dirname(temporaryFile());
    writeFileSync(join(dataDir, "secret"), content);
    expect(() => readSecret({ secret: undefined, dataDir, random: systemRandom })).toThrow(/secret is empty or cut off: restore/);
  });

  it("that cannot be read is one sentence that names the file", () => {
    const dataDir = dirname(temporaryFile());
    mkdirSync(join(dataDir, "secret"));
    expect(() => readSecret({ secret: undefined, dataDir, random: systemRandom })).toThrow(
      /^The secret .*secret cannot be read.*\.$/,
    );
  });
});

describe("a secret that is replaced", () => {
  it("stays beside the new one until it is dropped, both for their owner's eyes only", () => {
    const dataDir = dirname(temporaryFile());
    const settings = { secret: undefined, previousSecret: undefined, dataDir, random: systemRandom };
    const { current: first } = readSecrets(settings);
    replaceSecret(settings);
    const { current: second, previous } = readSecrets(settings);
    expect(second).not.toBe(first);
    expect(previous).toEqual([first]);
    expect(readdirSync(dataDir).map((name) => [name, modeOf(join(dataDir, name))])).toEqual([
      ["secret", 0o600],
      ["secret.previous", 0o600],
    ]);
    dropPreviousSecret(settings);
    expect(readSecrets(settings)).toEqual({ current: second, previous: [] });
  });

  it("where it is configured, the one before is as well", () => {
    const settings = { secret: SECRET, previousSecret: "before", dataDir: "/nowhere", random: systemRandom };
    expect(readSecrets(settings)).toEqual({ current: SECRET, previous: ["before"] });
  });
});

describe("the data folder", () => {
  it("that cannot be made is one sentence that names it and the setting", () => {
    const file = temporaryFile("a-file");
    writeFileSync(file, "");
    expect(() => ensureDataDir(join(file, "data"))).toThrow(
      /^The data folder .*a-file.data cannot be made .*OSTIARY_DATA_DIR\.$/,
    );
  });
});
