import { describe, expect, it, onTestFinished } from "vitest";
import { systemRandom } from "../random.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { importUsers } from "./import-users.ts";
import type { ImportedUser } from "./import-users.ts";

const passwordHash = "$2b$04$abcdefghijklmnopqrstuuzSqlACeHrMC5949SFrwZqnnPJwimoCO";
const row = (id: string | undefined, email: string): ImportedUser => ({ id, email, passwordHash });

const created = (id: string) => ({ outcome: "created", id });
const exists = { outcome: "exists" };
const refused = (why: string) => ({ outcome: "refused", why });

async function open() {
  const store = await openSqlite(":memory:");
  onTestFinished(() => store.close());
  const deps = { store: store.users, clock: () => Date.parse("2026-01-01T00:00:00Z"), random: systemRandom };
  const told = async () => (await store.audit.list({ limit: 100 })).map(({ userId }) => userId);
  return { store, told, run: (rows: readonly ImportedUser[], dryRun = false) => importUsers(deps, rows, { dryRun }) };
}

describe.each([["import", false], ["a dry run", true]])("an id names one person: %s", (_, dryRun) => {
  it("refuses a second row with the id of another row, and the audit tells of one user", async () => {
    const { store, run, told } = await open();
    const rows = [row("7", "a@example.com"), row("7", "b@example.com"), row("8", "c@example.com"), row("7", "c@example.com")];
    const twice = refused("id is another row's, too");
    expect(await run(rows, dryRun)).toEqual([created("7"), twice, created("8"), twice]);
    expect(await told()).toEqual(dryRun ? [] : ["8", "7"]);
    expect(await store.users.findByEmail("b@example.com")).toBeNull();
  });

  it("refuses a row with the id of somebody with another e-mail, who stays as they are", async () => {
    const { store, run } = await open();
    await run([row("7", "a@example.com"), row("8", "c@example.com")]);
    const rows = [row("7", "b@example.com"), row("7", "A@example.com"), row("8", "c@example.com")];
    expect(await run(rows.slice(0, 1), dryRun)).toEqual([refused("id is another user's")]);
    expect(await run(rows.slice(1), dryRun)).toEqual([exists, exists]);
    expect(await run([row("8", "a@example.com")], dryRun)).toEqual([refused("id is another user's")]);
    expect(await store.users.find("7")).toMatchObject({ email: "a@example.com" });
  });

  it("leaves alone who is there under another id, or in the file twice", async () => {
    const { run } = await open();
    await run([row("7", "a@example.com")]);
    expect(await run([row("9", "a@example.com"), row(undefined, "A@example.com")], dryRun)).toEqual([exists, exists]);
    expect(await run([row("5", "b@example.com"), row("5", "B@example.com")], dryRun)).toEqual([created("5"), exists]);
  });
});
