import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, it } from "vitest";
import { isReady, signup } from "./call.ts";
import { startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

const HOST = "Host: localhost";
const JSON_TYPE = "Content-Type: application/json";

let server: RunningServer;
beforeAll(async () => {
  server = await startOstiary();
});

describe("a client that sends nonsense is answered as the error table has it", () => {
  it.each([
    ["no host", "GET /auth/me HTTP/1.1\r\n", 400],
    ["a host that is none", "GET /auth/me HTTP/1.1\r\nHost: a b:c\r\n", 400],
    ["a whole address as the path", `GET http://elsewhere.example/auth/me HTTP/1.1\r\n${HOST}\r\n`, 401],
    ["two slashes for a path", `GET // HTTP/1.1\r\n${HOST}\r\n`, 404],
    ["a path out of the mount", `GET /auth/../../etc/passwd HTTP/1.1\r\n${HOST}\r\n`, 404],
    ["a path that is not UTF-8", `GET /auth/sessions/%ff%fe HTTP/1.1\r\n${HOST}\r\n`, 405],
    ["a deletion of what is not UTF-8", `DELETE /auth/sessions/%ff HTTP/1.1\r\n${HOST}\r\n`, 401],
    ["a method nobody has", `PROPFIND /auth/me HTTP/1.1\r\n${HOST}\r\n`, 405],
    ["TRACE", `TRACE /auth/me HTTP/1.1\r\n${HOST}\r\n`, 405],
    ["a star", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 400],
    ["a token of control characters", `GET /auth/me HTTP/1.1\r\n${HOST}\r\nAuthorization: Bearer \x01\x02\r\n`, 400],
    ["a token of bytes", `GET /auth/me HTTP/1.1\r\n${HOST}\r\nAuthorization: Bearer \xff\xfe\r\n`, 401],
    ["two tokens", `GET /auth/me HTTP/1.1\r\n${HOST}\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n`, 400],
    ["a cookie of nonsense", `POST /auth/refresh HTTP/1.1\r\n${HOST}\r\nCookie: ostiary_refresh=%%%; =; ;;a\r\n`, 401],
    ["headers of 20 KB", `GET /auth/me HTTP/1.1\r\n${HOST}\r\nX-Long: ${"a".repeat(20_000)}\r\n`, 431],
    ["a body of another length", `POST /auth/login HTTP/1.1\r\n${HOST}\r\n${JSON_TYPE}\r\nContent-Length: -5\r\n`, 400],
    [
      "two lengths",
      `POST /auth/login HTTP/1.1\r\n${HOST}\r\n${JSON_TYPE}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n`,
      400,
    ],
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ])("%s", async (_, head, expected) => {
    const answer = await send(`${head}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(Number(answer.slice(9, 12))).toBe(expected);
    if (/application\/json/.test(answer)) expect(answer).toMatch(/\r\n\r\n\{"error":"\w+"/);
  });

  it("a body that breaks off hurts nobody", async () => {
    const socket = connect(server.port, "localhost");
    socket.write(`POST /auth/login HTTP/1.1\r\n${HOST}\r\n${JSON_TYPE}\r\nContent-Length: 1000\r\n\r\n{"email":`);
    await once(socket, "connect");
    socket.destroy();
    expect(await isReady(server.url)).toBe(true);
  });

  it.each([
    ["deep", "[".repeat(30_000)],
    ["with its own prototype", '{"__proto__":{"email":"a@example.com"},"constructor":1,"password":"x"}'],
    ["of NaN", '{"email":NaN}'],
    ["of null", "null"],
    ["of huge numbers", `{"email":1e999,"password":${"9".repeat(5000)}}`],
    ["with lone surrogates", '{"email":"\\ud800@example.com","password":"\\udfff12345678"}'],
    ["of zeros", "\0".repeat(1000)],
  ])("a JSON body %s", async (_, body) => {
    for (const path of ["login", "signup", "refresh", "logout"]) {
      const length = Buffer.byteLength(body);
      const head = `POST /auth/${path} HTTP/1.1\r\n${HOST}\r\n${JSON_TYPE}\r\nContent-Length: ${length}\r\nConnection: close`;
      const answer = await send(`${head}\r\n\r\n${body}`);
      expect(answer).toMatch(/^HTTP\/1\.1 40[01] /);
      expect(answer).toMatch(/"error":"(?:invalid_request|missing_token)"/);
    }
  });
});

describe("after all of this, the server", () => {
  it("works as before, and found nothing of it worth a line in its log", async () => {
    expect(await isReady(server.url)).toBe(true);
    await signup(server.issuer, "after@example.com");
    await server.stop();
    expect(server.process.stderr).toBe("");
  });
});

/** Bytes as they are; what came back until the server closed the connection. */
async function send(bytes: string): Promise<string> {
  const socket = connect(server.port, "localhost");
  socket.on("error", () => {});
  socket.write(bytes, "latin1");
  return text(socket);
}
