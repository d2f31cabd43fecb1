/** A revocation feed over real HTTP that does what a test tells it, good or bad. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { RevocationEntry } from "@ostiary/protocol";
import { startIssuer, type TestIssuer } from "./issuer.ts";

export const CLIENT = { clientId: "api", clientSecret: "a secret: with ünusual/characters+" };

export interface TestStream {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  send(type: string, data: unknown): void;
}

export interface TestFeed {
  readonly issuer: TestIssuer;
  /** The server's clock. */
  seconds: number;
  readonly log: RevocationEntry[];
  /** Last-Event-ID of every request so far. */
  readonly asked: (string | undefined)[];
  /** Those that are open. */
  readonly streams: TestStream[];
  /** Answers instead of the feed while it is set. */
  answer: RequestListener | undefined;
  /** Begins a stream instead of the well-behaved way while it is set. */
  begin: ((stream: TestStream, lastEventId: number | undefined) => void) | undefined;
  /** Appends to the log, and sends it to the open streams unless `quietly`. */
  revoke(value: string, changes?: Partial<RevocationEntry>, quietly?: "quietly"): RevocationEntry;
  /** A heartbeat to every open stream. */
  beat(changes?: { seq?: number; now?: number; behind?: number }): void;
  cut(): void;
}

const ENTRIES_A_CHUNK = 1000;

export async function startFeed({ port = 0 } = {}): Promise<TestFeed> {
  const issuer = await startIssuer({ port });
  const head = () => feed.log.at(-1)?.seq ?? 0;
  const feed: TestFeed = {
    issuer,
    seconds: 1_800_000_000,
    log: [],
    asked: [],
    streams: [],
    answer: undefined,
    begin: undefined,
    revoke(value, changes = {}, quietly) {
      const expiresAt = feed.seconds + 900;
      const defaults = { seq: head() + 1, kind: "session", value, effect: "revoked", expiresAt, reason: "logout" } as const;
      const entry: RevocationEntry = { ...defaults, ...changes };
      feed.log.push(entry);
      if (quietly === undefined) for (const stream of feed.streams) stream.send("entry", entry);
      return entry;
    },
    beat(changes = {}) {
      for (const stream of feed.streams) stream.send("heartbeat", { seq: head(), now: feed.seconds, ...changes });
    },
    cut() {
      for (const { response } of feed.streams.splice(0)) response.destroy();
    },
  };

  function wellBehaved(stream: TestStream, lastEventId: number | undefined): void {
    if (lastEventId !== undefined && lastEventId <= head()) {
      for (const entry of feed.log) if (entry.seq > lastEventId) stream.send("entry", entry);
    } else {
      for (let start = 0; start === 0 || start < feed.log.length; start += ENTRIES_A_CHUNK) {
        const entries = feed.log.slice(start, start + ENTRIES_A_CHUNK);
        const more = start + ENTRIES_A_CHUNK < feed.log.length;
        stream.send("snapshot", { seq: head(), now: feed.seconds, more, entries });
      }
    }
    stream.send("heartbeat", { seq: head(), now: feed.seconds });
  }

  issuer.routes.set("/auth/revocations", (request, response) => {
    const header = request.headers["last-event-id"];
    const lastEventId = typeof header === "string" ? header : undefined;
    feed.asked.push(lastEventId);
    if (feed.answer !== undefined) return feed.answer(request, response);
    if (request.headers.authorization !== expectedAuthorization()) {
      return void response.writeHead(401, { "content-type": "application/json" }).end('{"error":"invalid_client"}');
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const stream: TestStream = {
      request,
      response,
      send: (type, data) => void response.write(frame(type, data)),
    };
    feed.streams.push(stream);
    response.on("close", () => {
      const index = feed.streams.indexOf(stream);
      if (index !== -1) feed.streams.splice(index, 1);
    });
    (feed.begin ?? wellBehaved)(stream, lastEventId === undefined ? undefined : Number(lastEventId));
  });
  return feed;
}

export function frame(type: string, data: unknown): string {
  const { seq } = Object(data) as { seq?: number };
  return `${seq === undefined ? "" : `id: ${seq}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Written out here once more, by another way: RFC 6749 §2.3.1. */
function expectedAuthorization(): string {
  const secret = "a+secret%3A+with+%C3%BCnusual%2Fcharacters%2B";
  return `Basic ${Buffer.from(`${CLIENT.clientId}:${secret}`).toString("base64")}`;
}
