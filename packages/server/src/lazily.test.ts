import { describe, expect, it } from "vitest";
import { lazily } from "./lazily.ts";

describe("what is loaded when it is first asked for", () => {
  it("is loaded once, by those who come together and those who come later", async () => {
    let loads = 0;
    const get = lazily(async () => ++loads);
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it("is tried again after a failure, which is told to those who waited", async () => {
    let loads = 0;
    const get = lazily(async () => {
      if (++loads === 1) throw new Error("The disk is away.");
      return loads;
    });
    const both = await Promise.allSettled([get(), get()]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await get()).toBe(2);
  });
});
