/**
 * Storage for node-oidc-provider in a SQLite file, as durable as ours (WAL, `synchronous=FULL`): one table, each statement
 * parsed once and committed by itself, as an adapter's methods come one by one.
 */
import { DatabaseSync } from "node:sqlite";
import type { Adapter, AdapterPayload } from "oidc-provider";

export function sqliteAdapter(path: string): (name: string) => Adapter {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000;
    create table entries (
      model text not null, id text not null, payload text not null, uid text, grant_id text, expires_at integer, consumed_at integer,
      primary key (model, id)
    ) without rowid;
    create index entries_by_uid on entries (uid) where uid is not null;
    create index entries_by_grant on entries (grant_id) where grant_id is not null;
    create index entries_by_expiry on entries (expires_at);
  `);
  const put = database.prepare(
    "insert or replace into entries (model, id, payload, uid, grant_id, expires_at) values (?, ?, ?, ?, ?, ?)",
  );
  const get = database.prepare("select payload, consumed_at from entries where model = ? and id = ?");
  const getByUid = database.prepare("select payload, consumed_at from entries where uid = ? and model = ?");
  const consume = database.prepare("update entries set consumed_at = ? where model = ? and id = ?");
  const destroy = database.prepare("delete from entries where model = ? and id = ?");
  const revoke = database.prepare("delete from entries where grant_id = ?");
  const payloadOf = (row: Record<string, unknown> | undefined): AdapterPayload | undefined => {
    if (row === undefined) return undefined;
    const payload = JSON.parse(String(row["payload"])) as AdapterPayload;
    return row["consumed_at"] === null ? payload : { ...payload, consumed: Number(row["consumed_at"]) };
  };

  return (name) => ({
    async upsert(id, payload, expiresIn = 0) {
      const grantId = name === "Session" ? null : (payload.grantId ?? null);
      put.run(name, id, JSON.stringify(payload), payload.uid ?? null, grantId, Math.floor(Date.now() / 1000) + expiresIn);
    },
    find: async (id) => payloadOf(get.get(name, id)),
    findByUid: async (uid) => payloadOf(getByUid.get(uid, name)),
    findByUserCode: async () => undefined,
    consume: async (id) => void consume.run(Math.floor(Date.now() / 1000), name, id),
    destroy: async (id) => void destroy.run(name, id),
    revokeByGrantId: async (grantId) => void revoke.run(grantId),
  });
}
