import assert from "node:assert/strict";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Delivery, ErrorBody, TokenResponse } from "@ostiary/protocol";
import { ORIGIN, SECOND, START, TestClient } from "../test-server.ts";
import type { Answer, TestServer } from "../test-server.ts";
import { Model } from "./model.ts";
import type { Presentation } from "./model.ts";

/** What can happen to a session. */
export type SessionEvent =
  | RefreshEvent
  /** The row falls back to what it was some writes ago. */
  | { readonly kind: "lose writes"; readonly session: number; readonly writes: number }
  | { readonly kind: "log out"; readonly session: number };

/** `after` so many seconds, with a token `age` behind the newest anyone has; `lost`: nobody reads the answer. */
export type RefreshEvent = Presentation & {
  readonly kind: "refresh";
  readonly session: number;
  readonly after: number;
  readonly age: number;
  readonly lost: boolean;
};

/** A session of the server beside its model. */
export class PlayedSession {
  readonly #server: TestServer;
  readonly #database: DatabaseSync;
  readonly #client: TestClient;
  readonly #id: string;
  #model = new Model();
  /** What the row and the model were after each write. */
  #past: { row: Row; model: Model }[] = [];
  /** Every token that anyone has got hold of, oldest first. */
  #tokens: string[];
  /** Once writes were lost, a generation may be made a second time, with other times in its token. */
  #forgetful = false;

  constructor(server: TestServer, database: DatabaseSync, client: TestClient, token: string) {
    [this.#server, this.#database, this.#client] = [server, database, client];
    [this.#tokens, this.#id] = [[token], claimsOf(token).sid];
    this.#remember();
  }

  static async signIn(server: TestServer, database: DatabaseSync, email: string, delivery: Delivery): Promise<PlayedSession> {
    const client = new TestClient(server);
    const { refreshToken = client.jar.get("ostiary_refresh")! } = await client.login(email, { delivery });
    return new PlayedSession(server, database, client, refreshToken);
  }

  async play(event: SessionEvent): Promise<void> {
    if (event.kind === "refresh") await this.#refresh(event);
    else if (event.kind === "log out") {
      await this.#server.sessions.revoke(this.#id);
      this.end();
    } else this.#loseWrites(event.writes);
  }

  end(): void {
    this.#model.ended ??= "session_revoked";
  }

  async assertRowAndAudit(): Promise<void> {
    const row = this.#database.prepare("select generation, revoked_reason from sessions where id = ?").get(this.#id);
    assert.equal(row?.["generation"], this.#model.current);
    assert.equal(row["revoked_reason"] === null, this.#model.ended === null);
    const thefts = (await this.#server.audit.list({ sessionId: this.#id, limit: 1000 })).filter(
      ({ type }) => type === "refresh_token_reused",
    );
    assert.equal(thefts.length, this.#model.ended === "refresh_token_reused" ? 1 : 0);
  }

  async #refresh({ age, lost, byCookie, key, ...event }: RefreshEvent): Promise<void> {
    const token = this.#tokens.at(-1 - age) ?? this.#tokens[0]!;
    const presentation = { byCookie, key, knownDevice: event.knownDevice && this.#client.jar.has("ostiary_device") };
    const answer = await this.#present(token, presentation);
    const expected = this.#model.present(claimsOf(token).gen, presentation, (this.#server.time.now - START) / SECOND);
    if (typeof expected === "string") assert.deepEqual([answer.status, answer.body.reason], [401, expected]);
    else {
      assert.deepEqual([answer.status, answer.body.reason], [200, undefined]);
      const received = answer.body.refreshToken ?? tokenIn(answer.headers);
      const { sid, gen } = claimsOf(received);
      assert.deepEqual({ sid, gen }, { sid: this.#id, gen: expected });
      this.#assertSameBytes(received);
      if (!lost) this.#learn(received);
    }
    this.#remember();
  }

  #present(token: string, { byCookie, knownDevice, key }: Presentation): Promise<Answer<TokenResponse & ErrorBody>> {
    const headers: Record<string, string> = key === null ? {} : { "idempotency-key": key };
    const device = knownDevice ? this.#client.jar.get("ostiary_device") : "x".repeat(43);
    headers["cookie"] = `ostiary_refresh=${byCookie ? token : "none"}; ostiary_device=${device}`;
    headers["origin"] = ORIGIN;
    headers["sec-fetch-site"] = "same-origin";
    const body = byCookie ? {} : { body: { refreshToken: token } };
    return new TestClient(this.#server).call("POST", "/refresh", { headers, ...body });
  }

  /** Whoever is given a generation is given the same bytes. */
  #assertSameBytes(received: string): void {
    const known = this.#tokens.findLast((token) => claimsOf(token).gen === claimsOf(received).gen);
    if (known !== undefined && !this.#forgetful) assert.equal(received, known);
  }

  #learn(received: string): void {
    if (this.#tokens.includes(received)) return;
    this.#tokens = [...this.#tokens, received].toSorted((a, b) => claimsOf(a).gen - claimsOf(b).gen);
  }

  #remember(): void {
    const columns = "generation, refresh_key_id, retired, rotation_key_hash, late_generation, rotated_at, ends_at";
    const row = this.#database.prepare(`select ${columns} from sessions where id = ?`).get(this.#id) as Row;
    this.#past.push({ row, model: this.#model.copy() });
  }

  /** Never the end of the session: that is written where nothing is lost. */
  #loseWrites(writes: number): void {
    if (this.#model.ended !== null) return;
    this.#past.splice(Math.max(1, this.#past.length - writes));
    const { row, model } = this.#past.at(-1)!;
    const set = Object.keys(row).map((name) => `${name} = ?`);
    this.#database.prepare(`update sessions set ${set.join(", ")} where id = ?`).run(...Object.values(row), this.#id);
    this.#model = model.copy();
    this.#forgetful = true;
  }
}

type Row = Record<string, SQLInputValue>;

function tokenIn(headers: Headers): string {
  return /ostiary_refresh=([^;]+)/.exec(headers.getSetCookie().join("\n"))?.[1] ?? "";
}

function claimsOf(token: string): { sid: string; gen: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sid: string; gen: number };
}
