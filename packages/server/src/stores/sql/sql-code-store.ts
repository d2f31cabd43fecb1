import type { Kysely } from "kysely";
import { OstiaryError } from "../../errors.ts";
import type { AuthorizationCode, CodeIssue, CodeStore, KeptCode } from "../../oauth/oauth-store.ts";
import { appendAudits } from "./append.ts";
import { builtOnce, builtOnceFor, rowsLike, valuesOf } from "./built-once.ts";
import { inGroups } from "./in-groups.ts";
import type { Database } from "./schema.ts";
import type { AuthorizationCodeRow } from "./tables/oauth.ts";
import { noteSignOns } from "./sql-sign-on-store.ts";
import type { SqlEngine } from "./sql-engine.ts";

/** So that the statements' parameters stay far below what the databases take. */
const MAX_GROUP = 100;

export interface KeptAlong {
  readonly code: AuthorizationCode;
  readonly signOn: CodeIssue["signOn"];
  readonly audit: CodeIssue["audit"] | null;
}

/** For statements that are only built. */
const EXAMPLE: AuthorizationCodeRow = {
  hash: "",
  client_id: "",
  user_id: "",
  sign_on_id: "",
  session_id: "",
  jti: "",
  redirect_uri: "",
  code_challenge: "",
  scope: "",
  resources: "",
  nonce: null,
  proof_key: null,
  created_at: 0,
  expires_at: 0,
  redeemed_at: null,
  replayed_at: null,
};

const NOTHING_ALONG = { signOn: null, audit: null } as const;

interface Failure {
  readonly error: unknown;
}

interface Redemption {
  readonly hash: string;
  readonly at: number;
}

const insertCodes = builtOnceFor((db, count) => db.insertInto("authorization_codes").values(rowsLike(EXAMPLE, count)));
const MARK = {
  alone: builtOnceFor((db, count) => marked(db, waitingOnes(db, count))),
  // In one order, so that two groups never wait for each other.
  locking: builtOnceFor((db, count) => marked(db, waitingOnes(db, count).orderBy("hash").forUpdate())),
};

function waitingOnes(db: Kysely<Database>, count: number) {
  const hashes = Array.from({ length: count }, () => "");
  return db.selectFrom("authorization_codes").select("hash").where("hash", "in", hashes).where("redeemed_at", "is", null);
}

function marked(db: Kysely<Database>, waiting: ReturnType<typeof waitingOnes>) {
  return db.updateTable("authorization_codes").set({ redeemed_at: 0 }).where("hash", "in", waiting).returning("hash");
}

const readCode = builtOnce((db) => db.selectFrom("authorization_codes").selectAll().where("hash", "=", ""));

/** Those that come together are written together: under load, what costs is the commit. */
export function createSqlCodeStore(db: Kysely<Database>, engine: Pick<SqlEngine, "locksRows">): CodeStore {
  const keep = inGroups<KeptAlong, Failure | null>((group) => keepGroup(db, group), { max: MAX_GROUP });
  const redeem = inGroups<Redemption, boolean>((group) => redeemGroup(db, engine, group), { max: MAX_GROUP });
  return {
    async keep(code, { signOn, audit }: Omit<KeptAlong, "code"> = NOTHING_ALONG) {
      const failure = await keep({ code, signOn, audit });
      if (failure !== null) throw failure.error;
    },

    async noteReplay(hash, at) {
      const noted = db.updateTable("authorization_codes").set({ replayed_at: at });
      await noted.where("hash", "=", hash).where("replayed_at", "is", null).execute();
    },

    async find(hash) {
      const [row] = (await readCode(db, hash)).rows;
      return row === undefined ? null : toCode(row);
    },

    redeem: (hash, at) => redeem({ hash, at }),

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

async function keepGroup(db: Kysely<Database>, group: readonly KeptAlong[]): Promise<(item: KeptAlong) => Failure | null> {
  try {
    await keepTogether(db, group);
    return () => null;
  } catch (error) {
    const isDown = error instanceof OstiaryError && error.reason === "store_unavailable";
    if (isDown || group.length === 1) throw error;
  }
  // One that cannot be kept, because its user is gone by now, keeps nobody else from theirs.
  const failures = new Map<KeptAlong, Failure>();
  for (const item of group) await keepTogether(db, [item]).catch((error: unknown) => failures.set(item, { error }));
  return (item) => failures.get(item) ?? null;
}

function keepTogether(db: Kysely<Database>, group: readonly KeptAlong[]): Promise<void> {
  return db.transaction().execute((trx) => keepCodes(trx, group));
}

/** Inside the transaction of what they are given out for. */
export async function keepCodes(trx: Kysely<Database>, group: readonly KeptAlong[]): Promise<void> {
  const [signOns, audits] = [group.flatMap(({ signOn }) => signOn ?? []), group.flatMap(({ audit }) => audit ?? [])];
  await noteSignOns(trx, signOns);
  await insertCodes(trx, group.length, ...valuesOf(group.map(({ code }) => toRow(code))));
  if (audits.length > 0) await appendAudits(trx, audits);
}

/** Of several who redeem the same code at once, it is the first. */
async function redeemGroup(
  db: Kysely<Database>,
  { locksRows }: Pick<SqlEngine, "locksRows">,
  group: readonly Redemption[],
): Promise<(item: Redemption) => boolean> {
  const first = new Map<string, Redemption>();
  for (const item of group) if (!first.has(item.hash)) first.set(item.hash, item);
  const at = Math.max(...group.map((item) => item.at));
  const mark = locksRows ? MARK.locking : MARK.alone;
  const { rows } = await db.transaction().execute((trx) => mark(trx, first.size, at, ...first.keys()));
  const redeemed = new Set(rows.map(({ hash }) => hash));
  return (item) => redeemed.has(item.hash) && first.get(item.hash) === item;
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
    proofKey: row.proof_key,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    redeemedAt: row.redeemed_at === null ? null : Number(row.redeemed_at),
    replayedAt: row.replayed_at === null ? null : Number(row.replayed_at),
  };
}

function toRow(code: AuthorizationCode): AuthorizationCodeRow {
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
    proof_key: code.proofKey,
    created_at: code.createdAt,
    expires_at: code.expiresAt,
    redeemed_at: code.redeemedAt,
    replayed_at: null,
  };
}

/** Neither scopes nor URIs have spaces in them. */
function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
