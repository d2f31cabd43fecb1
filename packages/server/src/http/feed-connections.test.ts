/** The feed on real connections: how they end, and what they leave behind. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { startListening } from "../../test/listening-server.ts";
import type { ListeningServer } from "../../test/listening-server.ts";
import { basic, startTestServer } from "../../test/test-server.ts";
import { toExpress } from "../adapters/express.ts";
import type { ClientCredentials } from "../clients/client.ts";

const BEAT = "event: heartbeat\n";

async function start() {
  const server = await startListening();
  const guard = await server.clients.create({ name: "API", guard: true });
  return { server, guard };
}

function headOf({ port }: Pick<ListeningServer, "port">, guard: ClientCredentials, version = "1.1"): string {
  return `GET /auth/revocations HTTP/${version}\r\nHost: localhost:${port}\r\nAuthorization: ${basic(guard)}\r\n\r\n`;
}

async function follow(server: ListeningServer, guard: ClientCredentials, options = {}): Promise<Socket> {
  const socket = await server.open(options);
  socket.write(headOf(server, guard));
  await said(socket, BEAT);
  return socket;
}

/** Resolves when `expected` has arrived; the connection is read no further. */
async function said(socket: Socket, expected: string): Promise<string> {
  let all = "";
  while (!all.includes(expected)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    all += chunk.toString("latin1");
  }
  return all;
}

describe("a connection that ends takes its follower with it:", () => {
  it.each<[string, (socket: Socket) => unknown]>([
    ["closed", (socket) => socket.destroy()],
    ["reset", (socket) => socket.resetAndDestroy()],
    ["half closed", (socket) => socket.end()],
  ])("%s", async (_, end) => {
    const { server, guard } = await start();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => follow(server, guard, { allowHalfOpen: true })));
    expect(server.feed.followers).toBe(20);
    sockets.forEach(end);
    await expect.poll(() => server.feed.followers, { timeout: 10_000 }).toBe(0);
    expect(server.reported).toEqual([]);
  });

  it("thousands, dropped before, while and after they are answered", async () => {
    const { server, guard } = await start();
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(Array.from({ length: 200 }, () => server.open()));
      sockets.forEach((socket, i) => {
        const head = headOf(server, guard);
        if (i % 4 !== 0) socket.write(i % 4 === 1 ? head.slice(0, i) : head);
        if (i % 4 < 3) socket.destroy();
        else void once(socket, "data").then(() => socket.resetAndDestroy());
      });
    }
    const last = await follow(server, guard);
    await expect.poll(() => server.feed.followers, { timeout: 15_000 }).toBe(1);
    await server.sessions.revokeToken("still-here");
    await said(last, "still-here");
    expect(server.reported).toEqual([]);
  });
});

describe("a client that is deleted", () => {
  it("has its connection closed within a second or so; nothing is written to it on the way", async () => {
    const { server, guard } = await start();
    const socket = await follow(server, guard);
    const rest = text(socket);
    await server.clients.delete(guard.clientId);
    expect(await rest.catch(() => "")).not.toMatch(/error/i);
    expect(server.feed.followers).toBe(0);
  });
});

describe("the server", () => {
  it("stops at once though feeds are open, which end as they should", async () => {
    const { server, guard } = await start();
    const sockets = await Promise.all(Array.from({ length: 10 }, () => follow(server, guard)));
    const rests = sockets.map((socket) => text(socket));
    const started = performance.now();
    server.feed.end();
    await server.stop();
    expect(performance.now() - started).toBeLessThan(5000);
    // The last chunk: the stream was not cut off.
    for (const rest of await Promise.all(rests)) expect(rest).toMatch(/(?:^|\r\n)0\r\n\r\n$/);
  });

  it("answers nonsense in the head as such, and goes on", async () => {
    const { server, guard } = await start();
    const long = `GET /auth/revocations HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${"QUFB".repeat(2_500_000)}\r\n\r\n`;
    for (const [head, status] of [
      [long, "431"],
      [headOf(server, guard).replace("Basic", "Negotiate"), "401"],
      [headOf(server, guard).replace("\r\n\r\n", "\r\nLast-Event-ID: 1\r\nLast-Event-ID: 2\r\n\r\n"), "200"],
      [headOf(server, guard).replace("\r\n\r\n", "\r\nLast-Event-ID: \u00ff\u0001\r\n\r\n"), "400"],
      [headOf(server, guard).replace("GET", "HEAD"), "200"],
      [headOf(server, guard, "1.0"), "200"],
    ] as const) {
      const socket = await server.open();
      socket.write(head, "latin1");
      expect((await said(socket, "\r\n")).slice(9, 12)).toBe(status);
      socket.destroy();
    }
    await follow(server, guard);
    await expect.poll(() => server.feed.followers, { timeout: 10_000 }).toBe(1);
    expect(server.reported).toEqual([]);
  });
});

it("works inside an Express app, behind its body parsers", async () => {
  const server = await startTestServer();
  const guard = await server.clients.create({ name: "API", guard: true });
  const app = express().use(express.json(), express.urlencoded({ extended: true })).use("/auth", toExpress(server));
  const http = createServer(app).listen(0);
  onTestFinished(() => http.closeAllConnections());
  onTestFinished(() => void http.close());
  await once(http, "listening");
  const url = `http://localhost:${(http.address() as AddressInfo).port}/auth`;
  const response = await fetch(`${url}/revocations`, { headers: { authorization: basic(guard) } });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  await server.sessions.revokeToken("live");
  let seen = "";
  while (!seen.includes('"live"')) seen += (await reader.read()).value ?? "";
  expect(seen).toMatch(/^event: snapshot\n/);

  const ask = (body: string) => {
    const headers = { authorization: basic(guard), "content-type": "application/x-www-form-urlencoded" };
    return fetch(`${url}/oauth/introspect`, { method: "POST", headers, body });
  };
  expect(await (await ask("token=x")).json()).toEqual({ active: false });
  // What the parser made a list of is refused as what it was.
  expect((await ask("token=x&token=y")).status).toBe(400);

  await server.close();
  for (let done = false; !done; ) ({ done } = await reader.read());
});
