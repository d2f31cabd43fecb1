import { Agent, createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SeededRandom } from "./seeded-random.ts";

export interface CuttingProxy {
  /** Where to ask instead. */
  readonly issuer: string;
  readonly cuts: number;
  close(): Promise<void>;
}

/**
 * Passes requests on, and answers back, but for a share of the answers to refreshes: of these it drops the connection
 * once the server has answered, before the first byte or in the middle of the body.
 */
export async function startCuttingProxy(issuer: string, share: number, random: SeededRandom): Promise<CuttingProxy> {
  const { origin, pathname } = new URL(issuer);
  const agent = new Agent({ keepAlive: true });
  let cuts = 0;

  function passOn(asked: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = "/" } = asked;
    const upstream = request(origin + url, { method, headers, agent }, (answer) => void answered(url, answer, response));
    upstream.on("error", () => response.destroy());
    asked.pipe(upstream);
  }

  async function answered(url: string, answer: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await answer.toArray());
    if (!url.endsWith("/refresh") || answer.statusCode !== 200 || random() >= share) {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(body);
      return;
    }
    cuts++;
    if (random() < 0.5) response.destroy();
    else {
      const half = body.subarray(0, body.length / 2);
      response.writeHead(answer.statusCode, answer.rawHeaders).write(half, () => response.destroy());
    }
  }

  const server = createServer(passOn);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    issuer: `http://localhost:${(server.address() as AddressInfo).port}${pathname}`,
    get cuts() {
      return cuts;
    },
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
