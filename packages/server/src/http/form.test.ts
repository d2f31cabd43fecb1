import { describe, expect, it } from "vitest";
import { TestClient, basic, refusal, startTestServer } from "../../test/test-server.ts";

async function post(body: string | Uint8Array, type = "application/x-www-form-urlencoded") {
  const server = await startTestServer();
  const guard = await server.clients.create({ name: "API", guard: true });
  const headers = { authorization: basic(guard), "content-type": type };
  return new TestClient(server).call("POST", "/oauth/introspect", { body, headers });
}

describe("a form", () => {
  it.each(["token=x", "token=x&", "&&token=x", "token=%78&foo=bar", "token=x&a=&b", "token=a+b%20c", "token=%E2%82%AC%00"])(
    "%j is read",
    async (body) => {
      expect(await post(body)).toMatchObject({ status: 200, body: { active: false } });
    },
  );

  it.each([
    "token=x&token=x",
    "token=x&token=",
    "token=x&foo=1&foo=2",
    "token=x&to%6ben=y",
    "token=%",
    "token=%FF",
    "token=%ZZ",
    "token=\u00e9",
    "token=x\r\n",
  ])("%j is refused", async (body) => {
    expect(refusal(await post(body))).toEqual({ status: 400, error: "invalid_request" });
  });

  it.each(["", "foo=bar", "token=", "token", "Token=x"])("%j lacks the token", async (body) => {
    const expected = { status: 400, error: "invalid_request", reason: "invalid_field", field: "token" };
    expect(refusal(await post(body))).toEqual(expected);
  });

  it("is a form, in any spelling of that, and not too large", async () => {
    expect((await post("token=x", "Application/X-WWW-Form-URLencoded ; charset=utf-8")).status).toBe(200);
    expect(refusal(await post("token=x", "application/json"))).toEqual({ status: 415, error: "unsupported_media_type" });
    expect(refusal(await post(`token=${"x".repeat(70_000)}`))).toEqual({ status: 413, error: "body_too_large" });
    expect(refusal(await post(new Uint8Array([0x74, 0xff])))).toEqual({ status: 400, error: "invalid_request" });
  });
});
