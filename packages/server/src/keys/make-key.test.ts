import { expect, it } from "vitest";
import { makeKey } from "./make-key.ts";

it("a key's id can be typed on the command line: it never begins with a dash", async () => {
  const ids = await Promise.all(Array.from({ length: 500 }, async () => (await makeKey("Ed25519")).keyId ?? ""));
  expect(ids.filter((id) => !/^\w[\w-]{42}$/.test(id))).toEqual([]);
});
