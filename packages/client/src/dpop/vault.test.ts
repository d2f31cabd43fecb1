import { expect, it } from "vitest";
import { createDpopIn } from "./dpop.ts";
import { openVault } from "./vault.ts";

class FakeRequest extends EventTarget {
  result: unknown;
  error: DOMException | null = null;
}

/** Answers in a later turn, as a browser does. */
function answered(result: unknown, error: DOMException | null = null): FakeRequest {
  const request = Object.assign(new FakeRequest(), { result, error });
  queueMicrotask(() => request.dispatchEvent(new Event(error === null ? "success" : "error")));
  return request;
}

/** A browser's database, as far as the vault uses it, whose connections can be closed. */
function fakeBrowser() {
  const kept = new Map<string, unknown>();
  const connections: (EventTarget & { closed: boolean })[] = [];
  let refuses = false;
  function connect() {
    const connection = Object.assign(new EventTarget(), {
      closed: false,
      transaction() {
        if (connection.closed) throw new DOMException("The database connection is closing.", "InvalidStateError");
        const objectStore = () => ({
          get: (name: string) => answered(kept.get(name)),
          put: (value: unknown, name: string) => void kept.set(name, value),
          delete: (name: string) => void kept.delete(name),
        });
        const transaction = Object.assign(new EventTarget(), { objectStore });
        setImmediate(() => transaction.dispatchEvent(new Event("complete")));
        return transaction;
      },
    });
    connections.push(connection);
    return connection;
  }
  const factory = { open: () => (refuses ? answered(null, new DOMException("No.", "UnknownError")) : answered(connect())) };
  return {
    factory: factory as unknown as IDBFactory,
    connections,
    refuse: (yes: boolean) => void (refuses = yes),
    close(tells: boolean) {
      const last = connections.at(-1)!;
      last.closed = true;
      if (tells) last.dispatchEvent(new Event("close"));
    },
  };
}

it.each([
  ["says so", true],
  ["does not", false],
])("a connection that the browser closes, and %s, is made once more", async (_, tells) => {
  const browser = fakeBrowser();
  const vault = openVault(browser.factory);
  await vault.write("a", 1);
  expect(browser.connections).toHaveLength(1);
  browser.close(tells);
  expect(await Promise.all([vault.read("a"), vault.read("a")])).toEqual([1, 1]);
  expect(browser.connections).toHaveLength(2);
  browser.close(tells);
  expect(await vault.add("a", 2)).toBe(1);
  browser.close(tells);
  await vault.write("a", null);
  expect(await vault.read("a")).toBeUndefined();
});

it("a database that was there and cannot be had is missed, and nothing else is kept beside it", async () => {
  const browser = fakeBrowser();
  const vault = openVault(browser.factory);
  await vault.write("a", 1);
  browser.close(true);
  browser.refuse(true);
  await expect(vault.write("a", 2)).rejects.toThrow("No.");
  await expect(vault.read("a")).rejects.toThrow("No.");
  browser.refuse(false);
  expect(await vault.read("a")).toBe(1);
});

it("where the browser keeps it from the page from the start, all is in memory", async () => {
  const browser = fakeBrowser();
  browser.refuse(true);
  const vault = openVault(browser.factory);
  await vault.write("a", 1);
  browser.refuse(false);
  expect(await vault.read("a")).toBe(1);
  expect(browser.connections).toEqual([]);
});

it("a key that could not be found for a moment is looked for again", async () => {
  const vault = openVault(undefined);
  let fails = true;
  const shaky = { ...vault, read: (name: string) => (fails ? Promise.reject(new Error("later")) : vault.read(name)) };
  const dpop = createDpopIn({ now: () => 0, vault: shaky }, {});
  await expect(dpop.thumbprint()).rejects.toThrow("later");
  fails = false;
  const found = await dpop.thumbprint();
  expect(found).toMatch(/^[\w-]{43}$/);
  expect(await dpop.thumbprint()).toBe(found);
});
