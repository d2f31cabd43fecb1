import { describe, expect, it } from "vitest";
import { startOAuth } from "../../../../test/code-client.ts";
import { MINUTE, refusal, TestClient } from "../../../../test/test-server.ts";

const METADATA = "http://localhost:4000/.well-known/oauth-protected-resource/auth/oauth/userinfo";
const METHODS = ["GET", "POST"] as const;

describe("GET and POST /oauth/userinfo", () => {
  it("200: what each scope allows, and not more", async () => {
    const { userId, newCode, redeem, userinfo } = await startOAuth();
    const of = async (...scopes: string[]) => {
      const { access_token } = (await redeem(await newCode({ scopes }))).body;
      const [get, post] = [await userinfo(access_token), await userinfo(access_token, "POST")];
      expect([get.status, post.status]).toEqual([200, 200]);
      expect(get.headers.get("cache-control")).toBe("no-store");
      expect(get.headers.get("content-type")).toMatch(/^application\/json/);
      expect(post.body).toEqual(get.body);
      return get.body;
    };
    const email = { email: "ada@example.com", email_verified: false };
    expect(await of("openid")).toEqual({ sub: userId });
    expect(await of("openid", "profile")).toEqual({ sub: userId, name: "Ada" });
    expect(await of("openid", "email")).toEqual({ sub: userId, ...email });
    expect(await of("openid", "email", "profile", "offline_access")).toEqual({ sub: userId, name: "Ada", ...email });
  });

  it("200: as the user is now", async () => {
    const { client, tokens, newCode, redeem, userinfo } = await startOAuth();
    const { access_token } = (await redeem(await newCode())).body;
    await client.call("PATCH", "/me", { bearer: tokens.accessToken, body: { name: "Ada L." } });
    expect((await userinfo(access_token)).body).toMatchObject({ name: "Ada L." });
  });

  it("401 missing_token: nowhere but in the header, and without an error in the challenge (RFC 6750 §3.1)", async () => {
    const { server, newCode, redeem } = await startOAuth();
    const { access_token } = (await redeem(await newCode())).body;
    const client = new TestClient(server);
    const body = new URLSearchParams({ access_token }).toString();
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const answers = [
      ...(await Promise.all(METHODS.map((method) => client.call(method, "/oauth/userinfo")))),
      await client.call("GET", `/oauth/userinfo?access_token=${access_token}`),
      await client.call("POST", "/oauth/userinfo", { body, headers: type }),
      await client.call("GET", "/oauth/userinfo", { headers: { cookie: `access_token=${access_token}` } }),
    ];
    for (const answer of answers) {
      expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
      expect(answer.headers.get("www-authenticate")).toBe(`Bearer resource_metadata="${METADATA}"`);
    }
  });

  it("401 invalid_token: expired, or of a user who is no more", async () => {
    const { server, userId, newCode, redeem, userinfo } = await startOAuth();
    const { access_token } = (await redeem(await newCode())).body;
    server.time.now += 15 * MINUTE;
    const expired = await userinfo(access_token);
    expect(refusal(expired)).toEqual({ status: 401, error: "invalid_token", reason: "token_expired" });
    expect(expired.headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token", error_description=/);
    expect(expired.headers.get("www-authenticate")?.endsWith(`, resource_metadata="${METADATA}"`)).toBe(true);
    server.time.now -= 15 * MINUTE;
    await server.users.delete(userId);
    expect(refusal(await userinfo(access_token))).toMatchObject({ status: 401, error: "invalid_token" });
  });

  it("403 insufficient_scope: without openid, and the challenge says what it takes", async () => {
    const { server, tokens, userinfo } = await startOAuth();
    for (const method of METHODS) {
      const answer = await userinfo(tokens.accessToken, method);
      expect(refusal(answer)).toEqual({ status: 403, error: "insufficient_scope" });
      expect(answer.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope", scope="openid"');
    }
    expect(server.reported).toEqual([]);
  });

  it("503 while the store is down", async () => {
    const { server, newCode, redeem, userinfo } = await startOAuth();
    const { access_token } = (await redeem(await newCode())).body;
    await server.close();
    const answer = await userinfo(access_token);
    expect(refusal(answer)).toMatchObject({ status: 503, error: "unavailable" });
    expect(answer.headers.get("retry-after")).not.toBeNull();
  });
});
