import type { Kysely } from "kysely";
import type { AuthorizationCode, CodeStore, KeptCode } from "../../oauth/oauth-store.ts";
import type { AuthorizationCodeRow, Database } from "./schema.ts";

export function createSqlCodeStore(db: Kysely<Database>): CodeStore {
  return {
    async keep(code) {
      await db.insertInto("authorization_codes").values({ ...toRow(code), replayed_at: null }).execute();
    },

    async noteReplay(hash, at) {
      const noted = db.updateTable("authorization_codes").set({ replayed_at: at });
      await noted.where("hash", "=", hash).where("replayed_at", "is", null).execute();
    },

    async find(hash) {
      const row = await db.selectFrom("authorization_codes").selectAll().where("hash", "=", hash).executeTakeFirst();
      return row === undefined ? null : toCode(row);
    },

    async redeem(hash, at) {
      const { numUpdatedRows } = await db
        .updateTable("authorization_codes")
        .set({ redeemed_at: at })
        .where("hash", "=", hash)
        .where("redeemed_at", "is", null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    async tokensOf({ clientId, userId }, expiringAfter) {
      let query = db
        .selectFrom("authorization_codes")
        .select(["jti", "user_id as userId", "sign_on_id as signOnId"])
        .where("expires_at", ">", expiringAfter)
        .where("client_id", "=", clientId)
        .where("redeemed_at", "is not", null);
      if (userId !== undefined) query = query.where("user_id", "=", userId);
      return query.execute();
    },
  };
}

function toCode(row: AuthorizationCodeRow): KeptCode {
  return {
    hash: row.hash,
    clientId: row.client_id,
    userId: row.user_id,
    signOnId: row.sign_on_id,
    sessionId: row.session_id,
    jti: row.jti,
    redirectUri: row.redirect_uri,
    codeChallenge: row.code_challenge,
    scopes: words(row.scope),
    resources: words(row.resources),
    nonce: row.nonce,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    redeemedAt: row.redeemed_at === null ? null : Number(row.redeemed_at),
    replayedAt: row.replayed_at === null ? null : Number(row.replayed_at),
  };
}

function toRow(code: AuthorizationCode): Omit<AuthorizationCodeRow, "replayed_at"> {
  return {
    hash: code.hash,
    client_id: code.clientId,
    user_id: code.userId,
    sign_on_id: code.signOnId,
    session_id: code.sessionId,
    jti: code.jti,
    redirect_uri: code.redirectUri,
    code_challenge: code.codeChallenge,
    scope: code.scopes.join(" "),
    resources: code.resources.join(" "),
    nonce: code.nonce,
    created_at: code.createdAt,
    expires_at: code.expiresAt,
    redeemed_at: code.redeemedAt,
  };
}

/** Neither scopes nor URIs have spaces in them. */
function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
