import { decode } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import { startOAuth } from "../../../../test/code-client.ts";
import { ISSUER, startTestServer } from "../../../../test/test-server.ts";
import type { Ostiary } from "../../../ostiary.ts";

const get = async ({ fetch }: Pick<Ostiary, "fetch">, url: string) => {
  const answer = await fetch(new Request(url, { headers: { origin: "https://app.example" } }));
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
};

describe("GET /.well-known/oauth-protected-resource", () => {
  it("200: found by the challenge alone, names the resource it was asked for, and the issuer of tokens for it (RFC 9728 §3.3, §5.1)", async () => {
    const { server, newCode, redeem, userinfo } = await startOAuth();
    const refused = await userinfo("no.token.at-all");
    const [, url = ""] = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
    const { status, headers, body } = await get(server, url);
    expect(status).toBe(200);
    expect(body).toEqual({
      resource: `${ISSUER}/oauth/userinfo`,
      authorization_servers: [ISSUER],
      scopes_supported: ["openid", "profile", "email"],
      bearer_methods_supported: ["header"],
      dpop_signing_alg_values_supported: expect.arrayContaining(["ES256", "Ed25519", "RS256"]) as unknown,
    });
    const { origin, pathname } = new URL(url);
    expect(origin + pathname.replace("/.well-known/oauth-protected-resource", "")).toBe(body["resource"]);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    const { access_token } = (await redeem(await newCode({ scopes: ["openid", "email"] }))).body;
    expect([decode(access_token).claims.aud].flat()).toContain(body["resource"]);
  });

  it("404 not_found: where no client could verify a token", async () => {
    const server = await startTestServer({ signingAlgorithm: "HS256" });
    const { status, body } = await get(server, "http://localhost:4000/.well-known/oauth-protected-resource/auth/oauth/userinfo");
    expect([status, body["error"]]).toEqual([404, "not_found"]);
  });
});
