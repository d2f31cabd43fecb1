import { hash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFile } from "../../../test/test-server.ts";
import { StartError } from "../../errors.ts";
import { openBlocklist } from "./blocklist.ts";

const open = async (breachedFile?: string) => {
  const blocklist = await openBlocklist({ words: ["ostiary", "id.example.com"], breachedFile });
  onTestFinished(() => blocklist.close());
  return blocklist;
};

describe("passwords that everybody tries are refused, whole and in any case", () => {
  it.each([
    "password1",
    "PassWord1",
    "12345678",
    "iloveyou",
    "qwertyuiop",
    "trustno1",
    "football",
    "sunshine",
    "1q2w3e4r",
    "starwars",
  ])("%s", async (password) => {
    expect(await (await open()).has(password, [])).toBe(true);
  });

  it.each(["correct horse battery staple", "password1 and more", "tr0ub4dor & 3", "ありがとうございます"])("not %s", async (password) => {
    expect(await (await open()).has(password, ["ada@example.com", "Ada Lovelace"])).toBe(false);
  });
});

describe("and those made of what is known of the account or the product", () => {
  const context = ["ada.lovelace@analytical-engines.example", "Ada Lovelace"];
  it.each([
    "ostiary1",
    "Ostiary2026!",
    "!!ostiary!!",
    "ada.lovelace@analytical-engines.example",
    "AdaLovelace",
    "Ada Lovelace",
    "lovelace1815",
    "analytical-engines",
    "example123",
    "id.example.com",
  ])("%s", async (password) => {
    expect(await (await open()).has(password, context)).toBe(true);
  });

  it.each(["lovelace wrote the first program", "my ostiary is green", "ada", "no-ada-here"])("not %s", async (password) => {
    expect(await (await open()).has(password, context)).toBe(false);
  });
});

describe("a file of breached passwords", () => {
  const breached = Array.from({ length: 1000 }, (_, i) => `breached password ${i}`);

  it.each([
    ["with counts, as Have I Been Pwned has them", (digest: string, i: number) => `${digest.toUpperCase()}:${i * 7919}`, "\r\n"],
    ["without, in small letters", (digest: string) => digest, "\n"],
  ])("of sorted SHA-1 hashes, %s, is searched: each is found, and nothing else", async (_, line, newline) => {
    const digests = breached.map((password) => hash("sha1", password, "hex")).toSorted();
    for (const text of [digests.map(line).join(newline), digests.map(line).join(newline) + newline]) {
      const path = temporaryFile("breached.txt");
      writeFileSync(path, text);
      const blocklist = await open(path);
      for (const password of breached) expect(await blocklist.has(password, [])).toBe(true);
      for (let i = 0; i < 300; i++) expect(await blocklist.has(`another password ${i}`, [])).toBe(false);
    }
  });

  it.each([
    ["as they came", (digests: string[]) => digests],
    ["the most frequent first", (digests: string[]) => digests.map((digest, i) => `${digest}:${9_999_999 - i}`)],
    ["backwards", (digests: string[]) => digests.toSorted().toReversed()],
    ["two of them", (digests: string[]) => digests.slice(0, 2).toSorted().toReversed()],
    [
      "two sorted lists, one after the other",
      (digests: string[]) => [...digests.slice(0, 500).toSorted(), ...digests.slice(500).toSorted()],
    ],
  ])("of hashes that are not sorted would find nothing, and does not start: %s", async (_, arranged) => {
    const path = temporaryFile("breached.txt");
    writeFileSync(path, arranged(breached.map((password) => hash("sha1", password, "hex").toUpperCase())).join("\r\n"));
    const opening = openBlocklist({ words: [], breachedFile: path });
    await expect(opening).rejects.toThrow(StartError);
    await expect(opening).rejects.toThrow("is not sorted by hash");
  });

  it("of plain passwords, one a line", async () => {
    const path = temporaryFile("breached.txt");
    writeFileSync(path, breached.join("\r\n"));
    const blocklist = await open(path);
    expect([await blocklist.has("breached password 0", []), await blocklist.has("breached password 999", [])]).toEqual([
      true,
      true,
    ]);
    expect(await blocklist.has("breached password", [])).toBe(false);
  });

  it("that is empty refuses nothing; one that is not there does not start", async () => {
    const path = temporaryFile("breached.txt");
    writeFileSync(path, "");
    expect(await (await open(path)).has("anything at all", [])).toBe(false);
    await expect(openBlocklist({ words: [], breachedFile: `${path}x` })).rejects.toThrow(
      /^The breached passwords in .* cannot be used \(ENOENT/,
    );
  });
});
