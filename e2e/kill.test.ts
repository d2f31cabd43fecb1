/** "Nothing lost": what was acknowledged is there after kill -9, and what was not can be asked again. */
import { randomUUID } from "node:crypto";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { call, get, PASSWORD, refresh, signup } from "./call.ts";
import type { Answer, Tokens } from "./call.ts";
import { temporaryFolder, until } from "./launch.ts";
import { startOstiary } from "./start-ostiary.ts";

const CLIENTS = 24;
const ROUNDS = 4;
const ACKNOWLEDGED_A_ROUND = 100;
/** Of a client's requests, every so many is a new login. */
const LOGIN_EVERY = 6;

/** What a client is at: done again, in the same words, if the answer does not come. */
type Operation = { kind: "login" } | { kind: "refresh"; session: Session; key: string | null };

interface Session {
  tokens: Tokens;
  /** Refresh tokens that were exchanged for later ones. */
  spent: string[];
}

class Client {
  readonly sessions: Session[] = [];
  readonly statuses = new Set<number>();
  acknowledged = 0;
  #unanswered: Operation | undefined;
  readonly #issuer: string;
  readonly #email: string;
  /** Half of the clients can name a lost request, half cannot. */
  readonly #namesRequests: boolean;

  constructor(issuer: string, number: number) {
    this.#issuer = issuer;
    this.#email = `client${number}@example.com`;
    this.#namesRequests = number % 2 === 0;
  }

  async signUp(): Promise<void> {
    this.sessions.push({ tokens: await signup(this.#issuer, this.#email), spent: [] });
  }

  /** One request after the other, until one is not answered. */
  async workUntilCut(): Promise<void> {
    for (let count = 1; ; count += 1) {
      const session = this.sessions.at(-1)!;
      const key = this.#namesRequests ? randomUUID() : null;
      this.#unanswered = count % LOGIN_EVERY === 0 ? { kind: "login" } : { kind: "refresh", session, key };
      try {
        await this.#perform(this.#unanswered);
      } catch {
        return;
      }
    }
  }

  /** Asks again what was not answered. */
  async recover(): Promise<void> {
    if (this.#unanswered !== undefined) await this.#perform(this.#unanswered);
  }

  async #perform(operation: Operation): Promise<void> {
    if (operation.kind === "login") {
      const body = { email: this.#email, password: PASSWORD, delivery: "body" };
      const answer = await call<Tokens>("POST", `${this.#issuer}/login`, { body });
      if (this.#isAcknowledged(answer)) this.sessions.push({ tokens: answer.body, spent: [] });
    } else {
      const { session, key } = operation;
      const { refreshToken } = session.tokens;
      const answer = await refresh(this.#issuer, refreshToken, key === null ? {} : { "idempotency-key": key });
      if (!this.#isAcknowledged(answer)) return;
      session.spent.push(refreshToken);
      session.tokens = answer.body;
    }
  }

  #isAcknowledged({ status }: Answer<unknown>): boolean {
    this.statuses.add(status);
    if (status === 200) this.acknowledged += 1;
    return status === 200;
  }
}

describe("kill -9 while two dozen clients log in and refresh", () => {
  it("loses nothing that was acknowledged, signs nobody out, and leaves the database whole", async () => {
    let server = await startOstiary({ env: { OSTIARY_ROTATION_GRACE: "60", OSTIARY_LIMITS: "off" } });
    const clients = Array.from({ length: CLIENTS }, (_, number) => new Client(server.issuer, number));
    await Promise.all(clients.map((client) => client.signUp()));

    for (let round = 1; round <= ROUNDS; round += 1) {
      const before = acknowledgedBy(clients);
      const work = clients.map((client) => client.workUntilCut());
      await until("enough is acknowledged", () => acknowledgedBy(clients) - before >= ACKNOWLEDGED_A_ROUND);
      await server.kill();
      await Promise.all(work);
      expect(server.process.stderr).toBe("");
      expectOnDisk(server.folder, clients);

      server = await startOstiary({ ...server, env: { OSTIARY_ROTATION_GRACE: "60", OSTIARY_LIMITS: "off" } });
      await Promise.all(clients.map((client) => client.recover()));
      expect(statusesOf(clients)).toEqual([200]);
    }
    await expectEverySessionGoesOn(server.issuer, clients);
    await server.stop();
    const strict = await startOstiary({ ...server, env: { OSTIARY_ROTATION_GRACE: "0" } });
    await expectOneLiveTokenASession(strict.issuer, clients);
    expect(strict.process.stderr).toBe("");
  }, 60_000);
});

/** Read from a copy, so that it is the server that has to cope with what the kill has left. */
function expectOnDisk(folder: string, clients: readonly Client[]): void {
  const copy = temporaryFolder();
  cpSync(join(folder, ".ostiary"), copy, { recursive: true });
  const database = new DatabaseSync(join(copy, "ostiary.db"));
  expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  const rows = database.prepare("SELECT id, generation, revoked_at FROM sessions").all();
  database.close();
  const kept = new Map(rows.map(({ id, generation, revoked_at }) => [id, { generation: Number(generation), revoked_at }]));
  for (const { tokens } of clients.flatMap(({ sessions }) => sessions)) {
    const { sid, gen } = claimsOf(tokens.refreshToken);
    const row = kept.get(sid);
    expect(row?.revoked_at).toBeNull();
    // One more if the answer was cut off.
    expect([gen, gen + 1]).toContain(row?.generation);
  }
}

async function expectEverySessionGoesOn(issuer: string, clients: readonly Client[]): Promise<void> {
  await forEverySession(clients, async (session) => {
    expect((await get(`${issuer}/me`, session.tokens.accessToken)).status).toBe(200);
    const answer = await refresh(issuer, session.tokens.refreshToken);
    expect(answer.status).toBe(200);
    session.spent.push(session.tokens.refreshToken);
    session.tokens = answer.body;
  });
}

/** Where nothing is forgiven: the newest token is good, and whichever older one is not, and ends the session. */
async function expectOneLiveTokenASession(issuer: string, clients: readonly Client[]): Promise<void> {
  await forEverySession(clients, async (session, number) => {
    const newest = await refresh(issuer, session.tokens.refreshToken);
    expect(newest.status).toBe(200);
    const old = [...session.spent, session.tokens.refreshToken];
    const refused = await refresh(issuer, old[number % old.length] ?? "");
    expect([refused.status, refused.body.reason]).toEqual([401, "refresh_token_reused"]);
    expect((await refresh(issuer, newest.body.refreshToken)).status).toBe(401);
  });
}

async function forEverySession(
  clients: readonly Client[],
  check: (session: Session, number: number) => Promise<void>,
): Promise<void> {
  await Promise.all(clients.flatMap(({ sessions }) => sessions).map(check));
}

function acknowledgedBy(clients: readonly Client[]): number {
  return clients.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
}

function statusesOf(clients: readonly Client[]): number[] {
  return [...new Set(clients.flatMap(({ statuses }) => [...statuses]))];
}

function claimsOf(token: string): { sid: string; gen: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sid: string; gen: number };
}
