import { expect, test } from "vitest";
import { missingToken } from "./challenge.ts";
import { GuardError } from "./guard-error.ts";

test("an error of another copy of the module is one too: bundlers make such copies", async () => {
  const copy = "./guard-error.ts?copy";
  const { GuardError: Other } = (await import(copy)) as typeof import("./guard-error.ts");
  expect(Other).not.toBe(GuardError);
  const error = new Other("missing_token", { message: "A token is required.", headers: {} });
  expect(error).toBeInstanceOf(GuardError);
  expect(missingToken()).toBeInstanceOf(Other);
});

test("nothing else is, and its subclasses are what they are", () => {
  class Special extends GuardError {}
  const special = new Special("missing_token", { message: "A token is required.", headers: {} });
  expect(special instanceof Special && special instanceof GuardError && special instanceof Error).toBe(true);
  expect(missingToken() instanceof Special).toBe(false);
  for (const other of [new Error("x"), {}, null, undefined, "GuardError", { name: "GuardError" }]) {
    expect((other as unknown) instanceof GuardError).toBe(false);
  }
});
