import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { isReady, PASSWORD, signup } from "./call.ts";
import { until } from "./launch.ts";
import { startExample, startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

const BODY = JSON.stringify({ email: "ada@example.com", password: PASSWORD });

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  it("ends the server once it has answered a request that was half sent", async () => {
    const server = await startOstiary();
    const request = await halfARequest(server);
    server.process.signal(signal);
    await server.process.says(/^Stopping/m);
    request.write(BODY.slice(10));
    expect(await text(request)).toMatch(/^HTTP\/1\.1 201 Created\r\n[\s\S]*Connection: close\r\n[\s\S]*"accessToken"/i);
    expect(await server.process.ended).toEqual({ code: 0, signal: null });
    expect(server.process.stderr).toBe("");
  });

  it("ends the server at once when it comes again, though a request is under way", async () => {
    const server = await startOstiary();
    const request = await halfARequest(server);
    request.on("error", () => {});
    // Not at the very next: npm passes on what the terminal has sent already.
    await until("the server has ended", () => {
      server.process.signal(signal);
      return server.process.hasEnded;
    });
    expect(await server.process.ended).toEqual({ code: null, signal });
  });

  it("ends the server cleanly though it comes again and again until the very end", async () => {
    const server = await startOstiary();
    const again = setInterval(() => server.process.signal(signal), 1);
    expect(await server.process.ended.finally(() => clearInterval(again))).toEqual({ code: 0, signal: null });
    expect(server.process.stdout).toMatch(/^Stopping/m);
  });

  it("counts once when it comes twice in a moment, as from a terminal and from npm", async () => {
    const server = await startOstiary();
    const request = await halfARequest(server);
    server.process.signal(signal);
    server.process.signal(signal);
    await server.process.says(/^Stopping/m);
    server.process.signal(signal);
    request.write(BODY.slice(10));
    expect(await text(request)).toMatch(/^HTTP\/1\.1 201 Created/);
    expect(await server.process.ended).toEqual({ code: 0, signal: null });
  });
});

describe("while it stops, the server", () => {
  it("answers everyone who got through to it before, even those it had not looked at", async () => {
    const server = await startOstiary();
    await signup(server.issuer, "ada@example.com");
    // Paused, so that the connections are made and the signal is sent before it sees any of them.
    server.process.signal("SIGSTOP");
    const requests = await Promise.all(Array.from({ length: 20 }, () => openTo(server)));
    for (const request of requests) request.write(`${headOf("login")}\r\n\r\n${BODY}`);
    server.process.signal("SIGTERM");
    server.process.signal("SIGCONT");
    const answers = await Promise.all(requests.map((request) => text(request)));
    expect(answers.map((answer) => answer.slice(0, 15))).toEqual(Array.from(requests, () => "HTTP/1.1 200 OK"));
    expect(await server.process.ended).toEqual({ code: 0, signal: null });
    expect(await isReady(server.url)).toBe(false);
  });

  it.each([
    ["that is kept alive", `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ["on which nothing was asked", ""],
  ])("hangs up on a connection %s, while it waits for a request under way", async (_, said) => {
    const server = await startOstiary();
    const connection = await openTo(server);
    if (said !== "") {
      connection.write(said);
      await once(connection, "data");
    }
    const request = await halfARequest(server);
    server.process.signal("SIGTERM");
    await once(connection.resume(), "close");
    request.write(BODY.slice(10));
    expect(await text(request)).toMatch(/^HTTP\/1\.1 201 Created/);
    expect(await server.process.ended).toEqual({ code: 0, signal: null });
  });
});

describe("the example with the server inside", () => {
  it("answers what is under way when it is stopped, and ends", async () => {
    const server = await startExample();
    const request = await halfARequest(server);
    server.process.signal("SIGTERM");
    await until("it takes no more connections", async () => !(await isListening(server)));
    request.write(BODY.slice(10));
    expect(await text(request)).toMatch(/^HTTP\/1\.1 201 Created/);
    expect(await server.process.ended).toEqual({ code: 0, signal: null });
  });
});

/** A sign-up whose body stops after ten bytes; the server is at work on it. */
async function halfARequest(server: RunningServer): Promise<Socket> {
  const socket = await openTo(server);
  // Asked to say that it is ready for the body, the server shows that it has read the head.
  socket.write(`${headOf("signup")}\r\nExpect: 100-continue\r\n\r\n`);
  expect(String(await once(socket, "data"))).toMatch(/^HTTP\/1\.1 100 Continue/);
  socket.write(BODY.slice(0, 10));
  return socket;
}

function headOf(path: string): string {
  const length = `Content-Length: ${BODY.length}`;
  return [`POST /auth/${path} HTTP/1.1`, "Host: localhost", "Content-Type: application/json", length].join("\r\n");
}

async function openTo({ port }: RunningServer): Promise<Socket> {
  const socket = connect(port, "localhost");
  await once(socket, "connect");
  return socket;
}

async function isListening({ port }: RunningServer): Promise<boolean> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
