import { describe, expect, test } from "vitest";
import { inGroups } from "./in-groups.ts";

/** Doubles numbers, one group after the other, each when it is told to go on. */
function startDoubling() {
  const asked: (readonly number[])[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const double = inGroups<number, number>(async (group) => {
    const gate = Promise.withResolvers<void>();
    asked.push(group);
    gates.push(gate);
    await gate.promise;
    return (item) => 2 * item;
  });
  return { asked, gates, double };
}

describe("questions in groups", () => {
  test("that come together are asked together, those that come meanwhile next, and each gets its own answer", async () => {
    const { asked, gates, double } = startDoubling();
    const first = [1, 2, 3].map(double);
    await expect.poll(() => asked).toEqual([[1, 2, 3]]);
    const second = [4, 4].map(double);
    gates[0]?.resolve();
    expect(await Promise.all(first)).toEqual([2, 4, 6]);
    await expect.poll(() => asked).toEqual([[1, 2, 3], [4, 4]]);
    gates[1]?.resolve();
    expect(await Promise.all(second)).toEqual([8, 8]);
  });

  test("all fail with the group they waited for, and the next ones are asked again", async () => {
    const { asked, gates, double } = startDoubling();
    const failing = [double(1)];
    await expect.poll(() => asked).toEqual([[1]]);
    failing.push(double(2));
    const settled = Promise.allSettled(failing);
    gates[0]?.reject(new Error("The database is down."));
    expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(asked).toEqual([[1]]);

    const next = double(3);
    await expect.poll(() => asked).toEqual([[1], [3]]);
    gates[1]?.resolve();
    expect(await next).toBe(6);
  });
});
