import { describe, expect, it } from "vitest";
import type { ClientCredentials } from "../clients/client.ts";
import { ISSUER, TestClient, auditTypes, basic, refusal, startTestServer } from "../../test/test-server.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const INVALID_CLIENT = { status: 401, error: "invalid_client" };

async function start() {
  const server = await startTestServer();
  const guard = await server.clients.create({ name: "API", guard: true });
  const client = new TestClient(server);
  const introspect = (headers: Record<string, string>, form: Record<string, string> = {}) => {
    const body = new URLSearchParams({ token: "x", ...form }).toString();
    return client.call("POST", "/oauth/introspect", { body, headers: { ...FORM, ...headers } });
  };
  return { server, guard, client, introspect };
}

const inForm = ({ clientId, clientSecret }: ClientCredentials) => ({ client_id: clientId, client_secret: clientSecret });
const encoded = (text: string) => Buffer.from(text).toString("base64");

describe("a client proves who it is", () => {
  it("by HTTP Basic, in any spelling of the scheme, form-encoded or not", async () => {
    const { guard, introspect } = await start();
    const escaped = [...guard.clientId].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");
    for (const authorization of [
      basic(guard),
      basic(guard).replace("Basic", "bAsIc"),
      basic(guard).replace(" ", "   "),
      `Basic ${encoded(`${escaped}:${guard.clientSecret}`)}`,
    ]) {
      expect((await introspect({ authorization })).status).toBe(200);
    }
  });

  it("or in the form; there it may name itself beside the header too", async () => {
    const { guard, introspect } = await start();
    expect((await introspect({}, inForm(guard))).status).toBe(200);
    expect((await introspect({ authorization: basic(guard) }, { client_id: guard.clientId })).status).toBe(200);
  });

  it("not in two ways at once (RFC 6749 §2.3)", async () => {
    const { guard, introspect } = await start();
    const answer = await introspect({ authorization: basic(guard) }, inForm(guard));
    expect(refusal(answer)).toEqual({ status: 400, error: "invalid_request" });
    expect(answer.headers.get("www-authenticate")).toBeNull();
    expect(refusal(await introspect({ authorization: basic(guard) }, { client_id: "other" }))).toEqual(INVALID_CLIENT);
  });

  it("and not to the feed by form, nor in the query", async () => {
    const { guard, client } = await start();
    const query = new URLSearchParams(inForm(guard)).toString();
    expect(refusal(await client.call("GET", `/revocations?${query}`))).toEqual(INVALID_CLIENT);
  });
});

describe("401 invalid_client, with a challenge that names the issuer, whatever is wrong", () => {
  it.each([
    ["nothing", undefined],
    ["another scheme", "Bearer a.b.c"],
    ["a scheme alone", "Basic"],
    ["no credentials", "Basic "],
    ["no base64", "Basic ???"],
    ["base64url", "Basic YTpi_-"],
    ["no colon", `Basic ${encoded("abc")}`],
    ["nothing but a colon", `Basic ${encoded(":")}`],
    ["a broken escape", `Basic ${encoded("%:%")}`],
    ["bytes that are no text", `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString("base64")}`],
    ["an unknown id", `Basic ${encoded("nobody:secret")}`],
    ["a NUL", `Basic ${encoded("%00:secret")}`],
    ["two of them", `Basic ${encoded("a:b")}, Basic ${encoded("a:b")}`],
    ["ten megabytes", `Basic ${"QUFB".repeat(2_500_000)}`],
  ])("%s", async (_, authorization) => {
    const { server, client, introspect } = await start();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const answer of [await client.call("GET", "/revocations", { headers }), await introspect(headers)]) {
      expect(refusal(answer)).toEqual(INVALID_CLIENT);
      expect(answer.headers.get("www-authenticate")).toBe(`Basic realm="${ISSUER}"`);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    expect(server.reported).toEqual([]);
  });

  it("a wrong secret, which the audit tells from an unknown id", async () => {
    const { server, guard, introspect } = await start();
    for (const wrong of [{ ...guard, clientSecret: "wrong" }, { ...guard, clientId: "wrong" }]) {
      expect(refusal(await introspect({ authorization: basic(wrong) }))).toEqual(INVALID_CLIENT);
      expect(refusal(await introspect({}, inForm(wrong)))).toEqual(INVALID_CLIENT);
    }
    expect(await auditTypes(server)).toEqual([
      "client_created",
      ...Array.from({ length: 4 }, () => "client_authentication_failed"),
    ]);
    const whys = (await server.audit.list({ limit: 4 })).map(({ detail }) => detail["why"]);
    expect(whys).toEqual(["unknown_client", "unknown_client", "wrong_secret", "wrong_secret"]);
  });
});

it("403 unauthorized_client for a client that is no guard, without a challenge", async () => {
  const { server, client, introspect } = await start();
  const other = await server.clients.create({ name: "no guard" });
  const headers = { authorization: basic(other) };
  for (const answer of [await client.call("GET", "/revocations", { headers }), await introspect(headers)]) {
    expect(refusal(answer)).toEqual({ status: 403, error: "unauthorized_client" });
    expect(answer.headers.get("www-authenticate")).toBeNull();
  }
});

it("no page of another origin is let in, not even of an allowed one", async () => {
  const app = "https://app.example.com";
  const server = await startTestServer({ allowedOrigins: app });
  const client = new TestClient(server);
  const headers = { origin: app, "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  for (const path of ["/revocations", "/oauth/introspect"]) {
    const preflight = await client.call("OPTIONS", path, { headers });
    expect(preflight.status).toBe(405);
    for (const answer of [preflight, await client.call("GET", path, { headers: { origin: app } })]) {
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  }
});
