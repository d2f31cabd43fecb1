/** A server of its own for a test, on a port: for what only shows on real connections. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { resolveSettings } from "../src/config.ts";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { listen } from "../src/http/listen.ts";
import type { Listening } from "../src/http/listen.ts";
import { startTestServer } from "./test-server.ts";
import type { TestServer } from "./test-server.ts";

export interface ListeningServer extends TestServer, Listening {
  readonly port: number;
  /** A connection to it, which is gone when the test is over. */
  open(options?: { allowHalfOpen?: boolean }): Promise<Socket>;
}

export async function startListening(config: OstiaryConfig = {}): Promise<ListeningServer> {
  const port = await freePort();
  const issuer = `http://localhost:${port}/auth`;
  const server = await startTestServer({ issuer, ...config });
  const onError = (error: unknown): void => void server.reported.push(error);
  const listening = await listen(server.fetch, resolveSettings({ inCode: { issuer, port, onError }, environment: {} }));
  onTestFinished(async () => {
    server.feed.end();
    await listening.stop();
  });
  return {
    ...server,
    ...listening,
    port,
    async open(options = {}) {
      const socket = connect({ port, host: "localhost", ...options });
      socket.on("error", () => {}); // Tests look at what arrives.
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
      return socket;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
