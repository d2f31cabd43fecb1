import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { START, temporaryFile } from "../../test/test-server.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { sessionHistory } from "./history.ts";
import { sessionLineage } from "./lineage.ts";

/** The stores, with a session of which nothing is left but a login, so many refreshes, and a logout. */
async function sessionWith(refreshes: number) {
  const path = temporaryFile();
  const store = await openSqlite(path);
  onTestFinished(() => store.close());
  const database = new DatabaseSync(path);
  const begun = "insert into audit (at, type, user_id, session_id, detail)";
  database.exec(`
    ${begun} values (${START}, 'login', 'ada', 's', '{}');
    ${begun} with recursive n(i) as (select 1 union all select i + 1 from n where i < ${refreshes})
      select ${START} + i, 'refresh', 'ada', case i % 3 when 0 then 'other' else 's' end, json_object('generation', i) from n;
    ${begun} values (${START + refreshes}, 'logout', 'ada', 's', '{}')`);
  database.close();
  return { store: store.sessions, audit: store.audit };
}

/** How often others had their turn while it went on. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  const done = work.then(() => true);
  let turns = 0;
  while (!(await Promise.race([done, turn(false)]))) turns++;
  return turns;
}

const POLICY = { idleSeconds: 604_800, rememberSeconds: 7_776_000 };

describe("what is told of one session", () => {
  it("is whole as long as anybody could read it", async () => {
    const history = await sessionHistory(await sessionWith(6000), "s", START);
    expect(history?.events).toHaveLength(4002);
    expect(history?.omitted).toBe(0);
    expect(history?.end).toEqual({ at: START + 6000, reason: "logout" });
    const ids = history!.events.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  });

  it("is the beginning and the end, and the number of what is between: nobody makes others wait by a long one", async () => {
    const stores = await sessionWith(30_000);
    const history = (await sessionHistory(stores, "s", START))!;
    expect(history.events).toHaveLength(5001);
    expect(history.omitted).toBe(20_002 - 5001);
    expect([history.events[0]?.type, history.events.at(-1)?.type]).toEqual(["login", "logout"]);
    expect(history.end).toEqual({ at: START + 30_000, reason: "logout" });

    const lineage = (await sessionLineage({ ...stores, policy: POLICY }, "s", START))!;
    expect(lineage.steps.map(({ kind }) => kind)).toEqual(["begin", "rotations", "end"]);
    expect(lineage.steps[1]).toMatchObject({ count: 4999, generation: 29_999 });
    expect(lineage.omitted).toBe(20_002 - 5001);
    expect(await turnsOf(sessionLineage({ ...stores, policy: POLICY }, "s", START))).toBeGreaterThan(3);
  });
});
