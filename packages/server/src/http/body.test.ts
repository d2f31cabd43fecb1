import { describe, expect, it } from "vitest";
import { PASSWORD, TestClient, refusal, startSignedIn, startTestServer } from "../../test/test-server.ts";

const LIMIT = 64 * 1024;
const malformed = { status: 400, error: "invalid_request", reason: "malformed_json" };
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Every route that reads a body. */
const ROUTES: [string, string][] = [
  ["POST", "/signup"],
  ["POST", "/login"],
  ["POST", "/refresh"],
  ["POST", "/logout"],
  ["PATCH", "/me"],
  ["POST", "/password"],
];

/** A signed-in caller, so that nothing but the body can be wrong. */
async function sender() {
  const { server, client, tokens } = await startSignedIn();
  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    client.call(method, path, { body, bearer: tokens.accessToken, headers: { "x-csrf-token": tokens.csrfToken, ...headers } });
  return { server, client, tokens, send };
}

/** A body that arrives in chunks, without a Content-Length. */
function chunked(text: string, chunkLength = 1000): ReadableStream<Uint8Array> {
  const bytes = utf8(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += chunkLength)));
    },
  });
}

describe.each(ROUTES)("the body of %s %s", (method, path) => {
  it("400 malformed_json: everything that is not one JSON object in UTF-8", async () => {
    const { server, send } = await sender();
    const bodies: [string, string | Uint8Array][] = [
      ["cut off", '{"email":'],
      ["two values", "{}{}"],
      ["a comment", "{/* */}"],
      ["single quotes", "{'a':1}"],
      ["a trailing comma", '{"a":1,}'],
      ["not a number", '{"a":NaN}'],
      ["a raw control character", '{"a":"\n"}'],
      ["white space alone", "   "],
      ["null", "null"],
      ["a number", "1e400"],
      ["a text", '"text"'],
      ["an array", '[{"email":"ada@example.com"}]'],
      ["a byte order mark", "\ufeff{}"],
      ["deep nesting", "[".repeat(LIMIT)],
      ["invalid UTF-8", Uint8Array.of(...utf8('{"email":"'), 0xc3, 0x28, ...utf8('"}'))],
      ["an overlong form", Uint8Array.of(...utf8('{"email":"'), 0xc0, 0xaf, ...utf8('"}'))],
      ["an encoded surrogate", Uint8Array.of(...utf8('{"email":"'), 0xed, 0xa0, 0x80, ...utf8('"}'))],
      ["UTF-16", new Uint8Array(Buffer.from('\ufeff{"email":"x"}', "utf16le"))],
      ["NUL bytes", new Uint8Array(10)],
    ];
    for (const [what, body] of bodies) {
      expect({ what, ...refusal(await send(method, path, body)) }).toEqual({ what, ...malformed });
    }
    expect(server.reported).toEqual([]);
  });

  it("413 body_too_large: over 64 KB, with or without a Content-Length, lying or not", async () => {
    const { send } = await sender();
    const tooLarge = { status: 413, error: "body_too_large" };
    const big = JSON.stringify({ filler: "x".repeat(LIMIT) });
    expect(refusal(await send(method, path, big))).toEqual(tooLarge);
    expect(refusal(await send(method, path, chunked(big)))).toEqual(tooLarge);
    expect(refusal(await send(method, path, chunked(big), { "content-length": "2" }))).toEqual(tooLarge);
    expect(refusal(await send(method, path, "{}", { "content-length": "65537" }))).toEqual(tooLarge);
    expect(refusal(await send(method, path, "{}", { "content-length": "9".repeat(400) }))).toEqual(tooLarge);
  });

  it("a body of exactly 64 KB, in chunks of any size, is read", async () => {
    const { send } = await sender();
    const empty = JSON.stringify({ email: "not one", name: 1, currentPassword: 1, refreshToken: 1, filler: "" });
    const full = `${empty.slice(0, -2)}${"x".repeat(LIMIT - empty.length)}"}`;
    for (const body of [full, chunked(full, 1), chunked(full, LIMIT)]) {
      expect(refusal(await send(method, path, body))).toMatchObject({ status: 400, reason: "invalid_field" });
    }
  });

  it("a character cut in two by a chunk is whole", async () => {
    const { send } = await sender();
    const body = chunked('{"email":1,"name":1,"currentPassword":1,"refreshToken":1,"\u{1F9EE}\u00e9":"\u{1F9EE}\u00e9"}', 1);
    expect(refusal(await send(method, path, body))).toMatchObject({ status: 400, reason: "invalid_field" });
  });

  it("400 malformed_json: a body that breaks off is nobody's fault here", async () => {
    const { server, send } = await sender();
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("connection reset")) });
    expect(refusal(await send(method, path, body))).toEqual(malformed);
    expect(server.reported).toEqual([]);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", "json", ""])(
    "415 unsupported_media_type: %j",
    async (type) => {
      const { send } = await sender();
      const answer = await send(method, path, "{}", { "content-type": type });
      expect(refusal(answer)).toEqual({ status: 415, error: "unsupported_media_type" });
    },
  );

  it.each(["application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;x=y"])(
    "%j is JSON",
    async (type) => {
      const { send } = await sender();
      const wrong = '{"email":1,"name":1,"currentPassword":1,"refreshToken":1}';
      expect((await send(method, path, wrong, { "content-type": type })).status).toBe(400);
    },
  );
});

describe("the body where one is needed", () => {
  it.each(ROUTES.filter(([, path]) => path !== "/refresh" && path !== "/logout"))(
    "%s %s without one: 415, and with an empty one: 400",
    async (method, path) => {
      const { client, tokens } = await startSignedIn();
      const bearer = tokens.accessToken;
      expect((await client.call(method, path, { bearer })).status).toBe(415);
      expect(refusal(await client.call(method, path, { bearer, body: "" }))).toEqual(malformed);
    },
  );
});

describe("JSON that means mischief", () => {
  it("__proto__ and constructor are members like any other, and ignored", async () => {
    const server = await startTestServer();
    const email = '"email":"ada@example.com"';
    const body = `{"__proto__":{"remember":true,"delivery":"body"},"constructor":{"prototype":{"x":1}},${email},"password":"${PASSWORD}"}`;
    const { status, body: answer } = await new TestClient(server).call("POST", "/signup", { body });
    expect(status).toBe(201);
    expect(answer).not.toHaveProperty("refreshToken");
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
    const [session] = await server.sessions.list((await server.users.list())[0]!.id);
    expect(session?.remember).toBe(false);
  });

  it("of a member given twice the last counts, for every check", async () => {
    const client = new TestClient(await startTestServer());
    const body = `{"email":"eve@example.com","email":"ada@example.com","password":"short","password":"${PASSWORD}"}`;
    const answer = await client.call<{ user: { email: string } }>("POST", "/signup", { body });
    expect(answer.body.user.email).toBe("ada@example.com");
  });
});
