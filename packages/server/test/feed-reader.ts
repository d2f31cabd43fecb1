/** Reads a revocation feed event by event, as a guard would. */
import type { FeedEntry, FeedHeartbeat, FeedSnapshot } from "@ostiary/protocol";
import type { ClientCredentials } from "../src/clients/client.ts";
import type { Ostiary } from "../src/ostiary.ts";
import { basic } from "./test-server.ts";

export type FeedEvent = { readonly id: number | null } & (
  | { readonly event: "snapshot"; readonly data: FeedSnapshot }
  | { readonly event: "entry"; readonly data: FeedEntry }
  | { readonly event: "heartbeat"; readonly data: FeedHeartbeat }
);

export class FeedReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next event; null at the end. */
  async next(): Promise<FeedEvent | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const event = parse(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 2);
        return event;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** All events up to and with the first that `isLast`. */
  async until(isLast: (event: FeedEvent) => boolean): Promise<FeedEvent[]> {
    const events: FeedEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (event === null) throw new Error(`The feed ended after ${JSON.stringify(events)}.`);
      events.push(event);
      if (isLast(event)) return events;
    }
  }

  /** The values of the entries that come until the heartbeat at or beyond `seq`, in a snapshot or one by one. */
  async valuesUntil(seq: number): Promise<string[]> {
    return valuesOf(await this.until(({ event, data }) => event === "heartbeat" && data.seq >= seq));
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

export function valuesOf(events: readonly FeedEvent[]): string[] {
  return events.flatMap(({ event, data }) => {
    if (event === "snapshot") return data.entries.map(({ value }) => value);
    return event === "entry" ? [data.value] : [];
  });
}

/** Opens the feed of a server in this process. */
export async function openFeed(
  server: Pick<Ostiary, "fetch" | "issuer">,
  credentials: ClientCredentials,
  headers: Readonly<Record<string, string>> = {},
): Promise<FeedReader> {
  const init = { headers: { authorization: basic(credentials), ...headers } };
  const response = await server.fetch(new Request(`${server.issuer}/revocations`, init));
  if (response.status !== 200 || response.body === null) {
    throw new Error(`The feed was answered ${response.status}: ${await response.text()}`);
  }
  return new FeedReader(response.body);
}

function parse(text: string): FeedEvent {
  const fields = text.split("\n").map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)] as const;
  });
  const { event, data, id = null, ...others } = Object.fromEntries(fields) as Record<string, string>;
  if (data === undefined || Object.keys(others).length > 0) throw new Error(`No event: ${text}`);
  return { event, data: JSON.parse(data) as unknown, id: id === null ? null : Number(id) } as FeedEvent;
}
