import { expect, it } from "vitest";
import { systemRandom } from "../random.ts";
import { newUserCode, shownUserCode, typedUserCode } from "./user-code.ts";

it("is eight of twenty letters, each as likely as the others", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 2000; i++) {
    const code = newUserCode(systemRandom);
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    for (const letter of code) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(20);
  // 800 of each on average; a letter of twice the weight would be far outside.
  for (const count of counts.values()) expect(Math.abs(count - 800)).toBeLessThan(200);
});

it("passes over bytes that would make the first letters more frequent", () => {
  const bytes = [255, 240, 239, 0, 20, 241, 250, 19, 1, 2, 3, 4, 5, 6, 7, 8];
  expect(newUserCode({ ...systemRandom, bytes: () => new Uint8Array(bytes) })).toBe("ZBBZCDFG");
});

it.each([
  ["WDJB-MJHT", "WDJBMJHT"],
  ["wdjbmjht", "WDJBMJHT"],
  [" wdjb mjht ", "WDJBMJHT"],
  ["w-d-j-b–m.j.h.t", "WDJBMJHT"],
  ["WDJB-MJH", null],
  ["WDJB-MJHTX", null],
  ["WDJA-MJHT", null],
  ["WDJ8-MJHT", null],
  ["", null],
  ["\0", null],
  ["W".repeat(10_000), null],
])("is read as people type it: %j", (typed, code) => {
  expect(typedUserCode(typed)).toBe(code);
});

it("is shown with a dash in the middle", () => {
  expect(shownUserCode("WDJBMJHT")).toBe("WDJB-MJHT");
});
