import type { DatabaseSync } from "node:sqlite";
import type { Kysely } from "kysely";
import { inGroups } from "../sql/in-groups.ts";
import type { Database } from "../sql/schema.ts";
import type { ConfirmAll, SessionAndUser, SessionLedger } from "../sql/session-ledger.ts";
import { prepareRotation } from "./rotation-statements.ts";

/** Reads that come together are one turn on the connection: in between it may be inside a transaction, not yet committed. */
export function readInGroups(db: Kysely<Database>, database: DatabaseSync): SessionLedger["read"] {
  const statements = prepareRotation(database);
  return inGroups<string, SessionAndUser | null>((ids) =>
    db.connection().execute(async () => {
      const found = new Map(ids.map((id) => [id, statements.read(id)]));
      return (id) => found.get(id) ?? null;
    }),
  );
}

/** One transaction for all. */
export function confirmInGroups(db: Kysely<Database>, database: DatabaseSync): ConfirmAll {
  const statements = prepareRotation(database);
  return (group) =>
    db.transaction().execute(async () => {
      const live = new Set<string>();
      for (const { id, audit } of group) {
        if (!statements.isLive(id)) continue;
        live.add(id);
        if (audit !== null) statements.audit(audit);
      }
      return live;
    });
}
