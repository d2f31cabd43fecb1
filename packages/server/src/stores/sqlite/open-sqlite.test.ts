import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { START, temporaryFile } from "../../../test/test-server.ts";
import { LOCAL_ORIGIN, auditEvent } from "../../audit/audit-event.ts";
import type { Store } from "../store.ts";
import { openSqlite } from "./open-sqlite.ts";

async function open(path: string): Promise<Store> {
  const store = await openSqlite(path);
  onTestFinished(() => store.close());
  return store;
}

const event = auditEvent("user_created", START, LOCAL_ORIGIN, {});

describe("openSqlite", () => {
  it("makes a file for its owner's eyes only", async () => {
    const path = temporaryFile();
    await open(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("again on the same file finds what was there: migrations run once", async () => {
    const path = temporaryFile();
    const first = await open(path);
    await first.audit.append(event);
    await first.close();
    const second = await open(path);
    await second.check();
    expect(await second.audit.list({})).toHaveLength(1);
  });

  it("by several at once makes one schema, on which all work", async () => {
    const path = temporaryFile();
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(path)));
    await Promise.all(stores.map((store) => store.check()));
    await Promise.all(stores.map((store) => store.audit.append(event)));
    expect(await stores[0]!.audit.list({})).toHaveLength(4);
  });

  it("lets everybody else have a turn between two transactions, however many wait", async () => {
    const store = await open(temporaryFile());
    let turns = 0;
    let done = false;
    const count = (): void => void (done || (turns++, setImmediate(count)));
    count();
    const draft = { kind: "token", effect: "revoked", reason: "token_revoked", at: START } as const;
    await Promise.all(
      Array.from({ length: 200 }, (_, number) => store.revocations.append({ ...draft, value: `token-${number}` }, event)),
    );
    done = true;
    expect(turns).toBeGreaterThan(200);
  });

  it("waits for another process that writes just then", async () => {
    const path = temporaryFile();
    const other = new DatabaseSync(path);
    onTestFinished(() => other.close());
    other.exec("begin exclusive");
    const opening = open(path);
    setTimeout(() => other.exec("commit"), 100);
    const store = await opening;
    await store.audit.append(event);
    expect(await store.audit.list({})).toHaveLength(1);
  });

  it.each([
    ["no database", (path: string) => writeFileSync(path, "this is no database, but long enough to be one".repeat(30))],
    ["a folder", (path: string) => mkdirSync(path)],
  ])("on %s says so in one sentence that names the file", async (_, make) => {
    const path = temporaryFile();
    make(path);
    const opening = openSqlite(path);
    await expect(opening).rejects.toMatchObject({ name: "StartError" });
    await expect(opening).rejects.toThrow(new RegExp(`^The database ${path} cannot be opened \\(.+\\): [^.]+\\.$`));
  });

  it("closed twice is closed", async () => {
    const store = await openSqlite(":memory:");
    await store.close();
    await store.close();
    await expect(store.check()).rejects.toMatchObject({ code: "unavailable" });
  });
});
