import { describe, expect, it } from "vitest";
import { createRemembered } from "./remembered.ts";

describe("what is remembered", () => {
  const start = () => createRemembered<string>({ clock: () => 0, maxEntries: 5, maxAtOnce: 2 });
  const good = (value: string) => async () => ({ value, until: 1 });
  const refusal = (value: string) => async () => ({ value, until: 1, isRefusal: true });

  it("stays as long as it is asked for, however much else comes", async () => {
    const remembered = start();
    await remembered.get("used", good("used"));
    for (let i = 0; i < 20; i++) {
      await remembered.get(`other ${i}`, good("other"));
      expect(remembered.peek("used")).toBe("used");
    }
    expect(remembered.peek("other 1")).toBeUndefined();
  });

  it("makes no room for refusals, which push out each other alone", async () => {
    const remembered = start();
    await remembered.get("good", good("good"));
    for (let i = 0; i < 20; i++) await remembered.get(`refused ${i}`, refusal("refused"));
    expect([remembered.peek("good"), remembered.peek("refused 18"), remembered.peek("refused 19")]).toEqual([
      "good",
      undefined,
      "refused",
    ]);
    await remembered.renew("refused 19", good("mended"));
    expect(remembered.peek("refused 19")).toBe("mended");
  });

  it("is there still while it is fetched anew, once for all who come; null, and nothing lost, if too many are under way", async () => {
    const remembered = start();
    await remembered.get("a", good("old"));
    let answer = (_: string): void => {};
    const slow = () => new Promise<string>((resolve) => (answer = resolve)).then((value) => ({ value, until: 1 }));
    const renewed = [remembered.renew("a", slow), remembered.renew("a", good("never"))];
    const other = remembered.renew("b", () => new Promise(() => {}));
    expect(await remembered.renew("c", good("c"))).toBeNull();
    expect(remembered.peek("a")).toBe("old");
    answer("new");
    expect(await Promise.all(renewed)).toEqual(["new", "new"]);
    expect(remembered.peek("a")).toBe("new");
    expect(other).toBeInstanceOf(Promise);
  });
});
