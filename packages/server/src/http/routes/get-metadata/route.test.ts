import { describe, expect, it } from "vitest";
import { ISSUER, ORIGIN, TestClient, startTestServer } from "../../../../test/test-server.ts";

describe("GET /.well-known/openid-configuration", () => {
  it("200: the issuer exactly as configured, and nothing that does not work; RFC 8414's path has the same", async () => {
    const { fetch } = await startTestServer();
    const below = await new TestClient({ fetch, issuer: ISSUER }).call("GET", "/.well-known/openid-configuration");
    const root = await new TestClient({ fetch, issuer: ORIGIN }).call(
      "GET",
      "/.well-known/oauth-authorization-server/auth",
    );
    for (const { status, body, headers } of [below, root]) {
      expect(status).toBe(200);
      expect(headers.get("cache-control")).toBe("public, max-age=300");
      expect(body).toEqual({
        issuer: ISSUER,
        jwks_uri: `${ISSUER}/.well-known/jwks.json`,
        introspection_endpoint: `${ISSUER}/oauth/introspect`,
        introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        revocation_endpoint: `${ISSUER}/oauth/revoke`,
        revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        response_types_supported: [],
        grant_types_supported: [],
        end_session_endpoint: `${ISSUER}/oauth/logout`,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
      });
    }
  });

  it("200: no logout by clients is offered where there can be no ID tokens", async () => {
    const { body } = await new TestClient(await startTestServer({ signingAlgorithm: "HS256" })).call("GET", "/.well-known/openid-configuration");
    expect(JSON.stringify(body)).not.toMatch(/logout|end_session/);
  });

  it("200: an issuer without a path has both documents at its root", async () => {
    const server = await startTestServer({ issuer: "https://id.example" });
    const client = new TestClient(server);
    for (const path of ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]) {
      const { status, body } = await client.call("GET", path);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        issuer: "https://id.example",
        jwks_uri: "https://id.example/.well-known/jwks.json",
      });
    }
  });
});
