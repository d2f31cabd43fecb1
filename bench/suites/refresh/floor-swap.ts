import { DatabaseSync } from "node:sqlite";
import pg from "pg";

export interface SwappedRow {
  readonly user_id: string;
  readonly secret: Uint8Array;
}

/** Raises the generation if it is the one presented, and gives what tokens are made from; null if it is not. */
export type Swap = (id: string, generation: number, now: number) => Promise<SwappedRow | null>;

export const FLOOR_TABLE = (bytes: "blob" | "bytea"): string => `
  create table floor_sessions (
    id text primary key, user_id text not null, secret ${bytes} not null, generation bigint not null, rotated_at bigint not null
  )`;

const SWAP = "update floor_sessions set generation = generation + 1, rotated_at = ? where id = ? and generation = ? returning user_id, secret";

export function openSwap(url: string): Swap {
  return url.startsWith("sqlite:") ? sqliteSwap(url.slice("sqlite:".length)) : postgresSwap(url);
}

/** As durable as the server's: what came in one turn of the event loop shares a commit. */
function sqliteSwap(path: string): Swap {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  const [swap, begin, commit] = [database.prepare(SWAP), database.prepare("begin immediate"), database.prepare("commit")];
  let waiting: { values: [number, string, number]; resolve: (row: SwappedRow | null) => void }[] = [];
  const commitGroup = (): void => {
    const group = waiting;
    waiting = [];
    begin.run();
    const rows = group.map(({ values }) => (swap.get(...values) as SwappedRow | undefined) ?? null);
    commit.run();
    group.forEach(({ resolve }, i) => resolve(rows[i] ?? null));
  };
  return (id, generation, now) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(commitGroup);
      waiting.push({ values: [now, id, generation], resolve });
    });
}

function postgresSwap(url: string): Swap {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  let n = 0;
  const text = SWAP.replaceAll("?", () => `$${++n}`);
  return async (id, generation, now) => {
    const { rows } = await pool.query<SwappedRow>({ name: "swap", text, values: [now, id, generation] });
    return rows[0] ?? null;
  };
}
