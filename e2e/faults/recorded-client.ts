import type { Delivery, ErrorBody, TokenResponse, UserResponse } from "@ostiary/protocol";
import { call, PASSWORD } from "../call.ts";
import type { Answer, CallOptions } from "../call.ts";
import { hashOf, markOf, sessionOf } from "./history/operation.ts";
import type { Operation, Received } from "./history/operation.ts";

/** Nobody waits longer for an answer. */
const PATIENCE_MS = 8000;

/** Where a client can ask. */
export interface Door {
  readonly server: string;
  readonly issuer: string;
  readonly graceSeconds: number;
}

/** What a client holds of a session. */
export interface Held {
  readonly session: string;
  readonly subject: string;
  readonly delivery: Delivery;
  readonly refreshToken: string;
  readonly accessToken: string;
  readonly csrfToken: string;
  readonly device: string;
}

export interface RefreshOptions {
  /** Idempotency-Key. */
  readonly key?: string | null;
  readonly door?: Door;
}

export interface Attempt {
  readonly operation: Operation;
  /** What it holds now; as it was if there was no answer of 2xx. */
  readonly held: Held;
}

type Asked = Pick<Operation, "kind"> & Partial<Operation>;
type Body = (TokenResponse & UserResponse & ErrorBody) | null;

/** A client that writes down all it does and sees, and keeps nothing else in mind. */
export class RecordedClient {
  readonly name: string;
  readonly #log: (operation: Operation) => void;
  readonly #nextDoor: () => Door;
  #count = 0;

  constructor(name: string, log: (operation: Operation) => void, nextDoor: () => Door) {
    this.name = name;
    this.#log = log;
    this.#nextDoor = nextDoor;
  }

  /** What it holds afterwards; null without an answer of 2xx. */
  async signIn(path: "signup" | "login", email: string, delivery: Delivery): Promise<Held | null> {
    const body = { email, password: PASSWORD, delivery };
    const { operation, answer } = await this.#ask({ kind: "login", delivery }, `/${path}`, { body });
    return operation.outcome === "ok" && answer !== null ? heldFrom(answer, delivery) : null;
  }

  async refresh(held: Held, { key = null, door }: RefreshOptions = {}): Promise<Attempt> {
    const { refreshToken: token, delivery, session, subject, csrfToken, device } = held;
    const asked = { kind: "refresh", delivery, session, subject, presented: markOf(token), keyHash: key && hashOf(key) } as const;
    const headers: Record<string, string> = key === null ? {} : { "idempotency-key": key };
    if (delivery === "cookie") {
      headers["cookie"] = `ostiary_refresh=${token}; ostiary_device=${device}`;
      headers["x-csrf-token"] = csrfToken;
    }
    const options = delivery === "cookie" ? { headers } : { headers, body: { refreshToken: token } };
    const { operation, answer } = await this.#ask(asked, "/refresh", options, door);
    if (operation.outcome !== "ok" || answer === null) return { operation, held };
    return { operation, held: { ...held, ...heldFrom(answer, delivery), device } };
  }

  /** Presents a token of that session which nobody has signed. */
  async forge(held: Held): Promise<void> {
    const { refreshToken, session, subject } = held;
    const [head = "", claims = "", signature = ""] = refreshToken.split(".");
    const { gen, ...rest } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { gen: number };
    const newer = Buffer.from(JSON.stringify({ ...rest, gen: gen + 1 })).toString("base64url");
    const body = { refreshToken: [head, newer, signature].join(".") };
    await this.#ask({ kind: "refresh", forged: true, session, subject }, "/refresh", { body });
  }

  async access({ accessToken, session, subject }: Held, door?: Door): Promise<Operation> {
    const { operation } = await this.#ask({ kind: "access", session, subject }, "/me", { bearer: accessToken }, door);
    return operation;
  }

  async logout({ accessToken, session, subject }: Held): Promise<Operation> {
    const { operation } = await this.#ask({ kind: "logout", session, subject }, "/logout", { bearer: accessToken });
    return operation;
  }

  async #ask(asked: Asked, path: string, options: CallOptions, door = this.#nextDoor()) {
    const { server, issuer, graceSeconds } = door;
    const headers = { "user-agent": this.name, ...options.headers };
    const start = Date.now();
    let answer: Answer<Body> | null = null;
    let typed = true;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      answer = await call<Body>(asked.kind === "access" ? "GET" : "POST", issuer + path, { ...options, headers, signal });
    } catch (error) {
      typed = !(error instanceof SyntaxError); // all there, but no JSON
    }
    const operation: Operation = {
      id: `${this.name}/${++this.#count}`,
      server,
      device: this.name,
      forged: false,
      delivery: "body",
      subject: null,
      session: null,
      presented: null,
      keyHash: null,
      graceSeconds,
      ...asked,
      start,
      end: Date.now(),
      outcome: outcomeOf(answer),
      status: answer?.status ?? null,
      reason: answer?.body?.reason ?? null,
      typed: typed && (answer === null || isTyped(answer)),
      received: answer === null ? null : receivedIn(answer, asked),
    };
    this.#log(operation);
    return { operation, answer };
  }
}

function outcomeOf(answer: Answer<Body> | null): Operation["outcome"] {
  if (answer === null || answer.status >= 500) return "unknown";
  return answer.status < 300 ? "ok" : "fail";
}

function isTyped({ status, headers, body }: Answer<Body>): boolean {
  if (status < 300) return status === 204 || body !== null;
  if (status === 503) return body?.error === "unavailable" && Number(headers.get("retry-after")) > 0;
  return typeof body?.error === "string";
}

function receivedIn({ status, headers, body }: Answer<Body>, asked: Asked): Received | null {
  if (status >= 300 || body === null) return null;
  if (asked.kind === "access") return { session: asked.session ?? "", subject: body.user.id, token: null };
  const token = refreshTokenIn({ status, headers, body });
  return { session: sessionOf(token), subject: body.user.id, token: markOf(token) };
}

function heldFrom(answer: Answer<Body>, delivery: Delivery): Held {
  const { accessToken = "", csrfToken = "", user } = answer.body ?? {};
  const refreshToken = refreshTokenIn(answer);
  const device = cookieIn(answer.headers, "ostiary_device");
  return { session: sessionOf(refreshToken), subject: user?.id ?? "", delivery, refreshToken, accessToken, csrfToken, device };
}

function refreshTokenIn({ headers, body }: Answer<Body>): string {
  return body?.refreshToken ?? cookieIn(headers, "ostiary_refresh");
}

function cookieIn(headers: Headers, name: string): string {
  const text = headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`)) ?? "";
  return /=([^;]*)/.exec(text)?.[1] ?? "";
}
