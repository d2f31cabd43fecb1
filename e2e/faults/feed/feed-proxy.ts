import { createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SeededRandom } from "../seeded-random.ts";

/** `open`: everything passes. `cut`: nobody gets in, and who was in is thrown out. `silent`: connections stay, nothing comes. */
export type FeedProxyState = "open" | "cut" | "silent";

export interface FeedProxy {
  /** Where to find the issuer. */
  readonly issuer: string;
  state: FeedProxyState;
  /** The share of feed events that are sent twice, and of those that are overtaken by the next. */
  shake: number;
  /** How many events came twice or late. */
  readonly shaken: number;
  close(): Promise<void>;
}

/** Stands between guards and a server. Requests of other kinds than the feed are passed on, or not, as they are. */
export async function startFeedProxy(issuer: string, random: SeededRandom): Promise<FeedProxy> {
  const { origin, pathname } = new URL(issuer);
  const live = new Set<ServerResponse>();
  let state: FeedProxyState = "open";
  let shaken = 0;

  function passOn(asked: IncomingMessage, response: ServerResponse): void {
    live.add(response);
    response.once("close", () => live.delete(response));
    if (state === "cut") return void response.destroy();
    const { method, headers, url = "/" } = asked;
    const upstream = request(origin + url, { method, headers, agent: false }, (answer) => {
      if (state === "cut") return void response.destroy();
      if (state === "silent") return;
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      if (answer.headers["content-type"]?.startsWith("text/event-stream")) passEvents(answer, response);
      else answer.pipe(response);
    });
    response.once("close", () => upstream.destroy());
    upstream.on("error", () => response.destroy());
    asked.pipe(upstream);
  }

  function passEvents(answer: IncomingMessage, response: ServerResponse): void {
    let rest = "";
    let late = "";
    answer.setEncoding("utf8").on("data", (text: string) => {
      const events = (rest + text).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        if (state !== "open") continue;
        const whole = `${event}\n\n`;
        const isEntry = /^event: ?entry$/m.test(event);
        if (isEntry && late === "" && random() < proxy.shake) {
          late = whole;
          shaken++;
          continue;
        }
        const twice = isEntry && random() < proxy.shake;
        if (twice) shaken++;
        response.write(whole + (twice ? whole : "") + late);
        late = "";
      }
    });
    answer.on("error", () => response.destroy()).on("end", () => response.end());
  }

  const server = createServer(passOn);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const proxy: FeedProxy = {
    issuer: `http://localhost:${(server.address() as AddressInfo).port}${pathname}`,
    get state() {
      return state;
    },
    set state(next) {
      state = next;
      if (next === "cut") for (const response of live) response.destroy();
    },
    shake: 0,
    get shaken() {
      return shaken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
