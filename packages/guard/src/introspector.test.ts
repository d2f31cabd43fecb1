import { expect, test, vi } from "vitest";
import { createIntrospector } from "./introspector.ts";

test("so many questions at once are not asked, and room is made for others when the answers have grown old", async () => {
  let now = 0;
  let asked = 0;
  const introspector = createIntrospector({
    issuer: "https://auth.example",
    authorization: "Basic eA==",
    timeoutSeconds: 5,
    // Too slow for anyone.
    fetch: () => (asked++, new Promise(() => {})),
    monotonic: () => now,
  });
  const ask = (i: number): Promise<unknown> => introspector.refusalOf(`token-${i}`);
  for (let i = 0; i < 10_000; i++) void ask(i);
  expect(asked).toBe(10_000);
  await expect(ask(10_000)).rejects.toThrow("is asked too much at once");
  // What has been asked already is waited for.
  void ask(9_999);
  expect(asked).toBe(10_000);
  now = 1000;
  void ask(10_000);
  expect(asked).toBe(10_001);
  introspector.close();
});

test("what was asked about is remembered by its hash", async () => {
  const kept = vi.spyOn(Map.prototype, "set");
  const introspector = createIntrospector({
    issuer: "https://auth.example",
    authorization: "Basic eA==",
    timeoutSeconds: 5,
    fetch: () => Promise.resolve(Response.json({ active: true })),
    monotonic: () => 0,
  });
  expect(await introspector.refusalOf("a token")).toBeUndefined();
  expect(kept.mock.calls.filter(([, value]) => Object.hasOwn(Object(value) as object, "refusal"))).toHaveLength(1);
  expect(kept.mock.calls.filter(([name]) => name === "a token")).toEqual([]);
  kept.mockRestore();
  introspector.close();
});
