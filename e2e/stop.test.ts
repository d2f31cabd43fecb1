import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { isReady, login, PASSWORD, signup } from "./call.ts";
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

  it("ends the server at once when it comes a second time", async () => {
    const server = await startOstiary();
    const request = await halfARequest(server);
    request.on("error", () => {});
    server.process.signal(signal);
    await server.process.says(/^Stopping/m);
    server.process.signal(signal);
    expect(await server.process.ended).toEqual({ code: null, signal });
  });
});

describe("while it stops, the server", () => {
  it("answers all logins under way, and nobody new", async () => {
    const server = await startOstiary();
    await signup(server.issuer, "ada@example.com");
    const logins = Array.from({ length: 20 }, () => login(server.issuer, "ada@example.com"));
    await Promise.race(logins);
    server.process.signal("SIGTERM");
    const tokens = await Promise.all(logins);
    expect(tokens).toHaveLength(20);
    expect(await server.process.ended).toEqual({ code: 0, signal: null });
    expect(await isReady(server.url)).toBe(false);
    const again = await startOstiary(server);
    const me = await fetch(`${again.issuer}/me`, { headers: { authorization: `Bearer ${tokens[19]?.accessToken}` } });
    expect(me.status).toBe(200);
  });

  it.each([
    ["that are kept alive", `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ["on which nothing was asked", ""],
  ])("is not held up by connections %s", async (_, said) => {
    const server = await startOstiary();
    const connection = await openTo(server);
    if (said !== "") {
      connection.write(said);
      await once(connection, "data");
    }
    expect(await server.stop()).toEqual({ code: 0, signal: null });
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
  const head = ["POST /auth/signup HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
  // Asked to say that it is ready for the body, the server shows that it has read the head.
  const rest = [`Content-Length: ${BODY.length}`, "Expect: 100-continue"];
  socket.write(`${[...head, ...rest].join("\r\n")}\r\n\r\n`);
  expect(String(await once(socket, "data"))).toMatch(/^HTTP\/1\.1 100 Continue/);
  socket.write(BODY.slice(0, 10));
  return socket;
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
