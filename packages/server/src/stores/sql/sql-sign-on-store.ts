import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { LogoutNotice, SignOn, SignOnStore } from "../../oauth/oauth-store.ts";
import { builtOnce, builtOnceFor, rowsLike, valuesOf } from "./built-once.ts";
import type { Database } from "./schema.ts";

const readGrant = builtOnce((db) => db.selectFrom("grants").selectAll().where("session_id", "=", ""));

export function createSqlSignOnStore(db: Kysely<Database>): SignOnStore {
  return {
    note: (signOn) => noteSignOns(db, [signOn]),

    async keepGrant({ sessionId, signOnId, clientId, expiresAt }) {
      const row = { session_id: sessionId, sign_on_id: signOnId, client_id: clientId, expires_at: expiresAt };
      await db.insertInto("grants").values(row).execute();
    },

    async findGrant(sessionId) {
      const [row] = (await readGrant(db, sessionId)).rows;
      if (row === undefined) return null;
      return { sessionId, signOnId: row.sign_on_id, clientId: row.client_id, expiresAt: Number(row.expires_at) };
    },

    async sessionsOf(clientId, limit) {
      return db
        .selectFrom("sessions")
        .select(["id", "user_id as userId"])
        .where("client_id", "=", clientId)
        // Word for word as in the index, which holds no others.
        .where("client_id", "<>", sql.lit(FIRST_PARTY_CLIENT_ID))
        .where("revoked_at", "is", null)
        .limit(limit)
        .execute();
    },

    async sessionOf(signOnId, clientId) {
      const one = db.selectFrom("sign_ons").select("session_id").where("sign_on_id", "=", signOnId).where("client_id", "=", clientId);
      return (await one.executeTakeFirst())?.session_id ?? null;
    },

    async markEnded(of, at) {
      // A session whose row is gone is over, too.
      let ended = db
        .updateTable("sign_ons")
        .set({ ended_at: at, due_at: at })
        .where("ended_at", "is", null)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb.selectFrom("sessions")
                .select("sessions.id")
                .whereRef("sessions.id", "=", "sign_ons.session_id")
                .where("sessions.revoked_at", "is", null),
            ),
          ),
        );
      if (of !== "all") ended = "userId" in of ? ended.where("user_id", "=", of.userId) : ended.where("session_id", "=", of.sessionId);
      return Number((await ended.executeTakeFirstOrThrow()).numUpdatedRows);
    },

    async takeDue(now, leaseMs, limit, except = [], of) {
      let query = db.selectFrom("sign_ons").selectAll().where("due_at", "<=", now).orderBy("due_at").limit(limit);
      if (except.length > 0) query = query.where("client_id", "not in", except);
      if (of !== undefined) {
        query = query.where((eb) => {
          const one = eb.selectFrom("clients").select("clients.id").whereRef("clients.id", "=", "sign_ons.client_id");
          const isStranger = eb.exists(one.where("clients.self_registered", "is not", null));
          return of === "strangers" ? isStranger : eb.not(isStranger);
        });
      }
      const due = await query.execute();
      const taken: LogoutNotice[] = [];
      for (const row of due) {
        // Whoever else saw it due was later if it is another time now.
        const { numUpdatedRows } = await db
          .updateTable("sign_ons")
          .set({ due_at: now + leaseMs, tries: row.tries + 1 })
          .where("sign_on_id", "=", row.sign_on_id)
          .where("client_id", "=", row.client_id)
          .where("due_at", "=", row.due_at)
          .where("tries", "=", row.tries)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) continue;
        taken.push({ signOnId: row.sign_on_id, clientId: row.client_id, userId: row.user_id, tries: row.tries, endedAt: Number(row.ended_at) });
      }
      return taken;
    },

    async settle({ signOnId, clientId }, retryAt) {
      const one = db.updateTable("sign_ons").where("sign_on_id", "=", signOnId).where("client_id", "=", clientId);
      await one.set({ due_at: retryAt }).execute();
    },
  };
}

export async function noteSignOns(db: Kysely<Database>, signOns: readonly SignOn[]): Promise<void> {
  if (signOns.length === 0) return;
  // In one order, so that two groups never wait for each other.
  const sorted = signOns.toSorted((a, b) => inOrder(a.signOnId, b.signOnId) || inOrder(a.clientId, b.clientId));
  await insertSignOns(db, sorted.length, ...valuesOf(sorted.map(toRow)));
}

const insertSignOns = builtOnceFor((db, count) =>
  db
    .insertInto("sign_ons")
    .values(rowsLike(toRow({ signOnId: "", clientId: "", userId: "", expiresAt: 0 }), count))
    .onConflict((conflict) => conflict.columns(["sign_on_id", "client_id"]).doNothing()),
);

function toRow({ signOnId, clientId, userId, expiresAt }: SignOn) {
  const row = { sign_on_id: signOnId, session_id: signOnId, client_id: clientId, user_id: userId, expires_at: expiresAt };
  return { ...row, ended_at: null, due_at: null, tries: 0 };
}

/** What clients were told of `endedId` they know it by for good; that it is over, they are told when `renewedBy` ends. */
export async function carrySignOns(db: Kysely<Database>, endedId: string, renewedBy: { id: string; expiresAt: number }): Promise<void> {
  const carried = db.updateTable("sign_ons").set({ session_id: renewedBy.id, expires_at: renewedBy.expiresAt });
  await carried.where("session_id", "=", endedId).where("ended_at", "is", null).execute();
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
