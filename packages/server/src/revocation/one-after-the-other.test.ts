import { expect, test } from "vitest";
import { oneAfterTheOther } from "./one-after-the-other.ts";

test("never twice at once; a call is answered by work that began after it, and shares it with those that came meanwhile", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  let running = 0;
  const work = oneAfterTheOther(async () => {
    running++;
    expect(running).toBe(1);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise.finally(() => running--);
  });
  const first = work();
  const others = [work(), work()];
  expect(gates).toHaveLength(1);
  gates[0]?.resolve();
  await first;
  await expect.poll(() => gates.length).toBe(2);
  const late = work();
  expect(gates).toHaveLength(2);
  gates[1]?.reject(new Error("failed"));
  expect((await Promise.allSettled(others)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect.poll(() => gates.length).toBe(3);
  gates[2]?.resolve();
  await late;
  const again = work();
  gates[3]?.resolve();
  await again;
  expect(gates).toHaveLength(4);
});
