import { describe, expect, it } from "vitest";
import { ISSUER, ORIGIN, TestClient, startTestServer } from "../../../../test/test-server.ts";

const METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
const ASYMMETRIC = ["ES256", "ES384", "ES512", "Ed25519", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

describe("GET /.well-known/openid-configuration", () => {
  it("200: the issuer exactly as configured, and nothing that does not work; RFC 8414's path has the same", async () => {
    const { fetch } = await startTestServer({ scopes: { clerk: ["orders:read"] } });
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
        authorization_endpoint: `${ISSUER}/oauth/authorize`,
        token_endpoint: `${ISSUER}/oauth/token`,
        pushed_authorization_request_endpoint: `${ISSUER}/oauth/par`,
        require_pushed_authorization_requests: false,
        device_authorization_endpoint: `${ISSUER}/oauth/device`,
        userinfo_endpoint: `${ISSUER}/oauth/userinfo`,
        jwks_uri: `${ISSUER}/.well-known/jwks.json`,
        end_session_endpoint: `${ISSUER}/oauth/logout`,
        introspection_endpoint: `${ISSUER}/oauth/introspect`,
        introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        revocation_endpoint: `${ISSUER}/oauth/revoke`,
        revocation_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_signing_alg_values_supported: ASYMMETRIC,
        token_endpoint_auth_methods_supported: METHODS,
        token_endpoint_auth_signing_alg_values_supported: ASYMMETRIC,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        response_types_supported: ["code"],
        response_modes_supported: ["query", "form_post"],
        grant_types_supported: [
          "authorization_code",
          "refresh_token",
          "client_credentials",
          "urn:ietf:params:oauth:grant-type:device_code",
        ],
        code_challenge_methods_supported: ["S256"],
        dpop_signing_alg_values_supported: [...ASYMMETRIC.slice(0, 4), "EdDSA", ...ASYMMETRIC.slice(4)],
        authorization_response_iss_parameter_supported: true,
        scopes_supported: ["openid", "profile", "email", "offline_access", "orders:read"],
        claims_supported: "iss sub aud exp iat auth_time nonce acr amr sid at_hash name email email_verified roles".split(" "),
        claim_types_supported: ["normal"],
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["ES256"],
        acr_values_supported: ["urn:ostiary:acr:password", "urn:ostiary:acr:mfa"],
        prompt_values_supported: ["none", "login", "consent", "select_account"],
        ui_locales_supported: ["en", "ko"],
      });
    }
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

  it("200: the algorithm of ID tokens is that of the keys; with a secret there are none, and nothing of OAuth is listed", async () => {
    const listed = async (signingAlgorithm: "RS256" | "HS256") => {
      const client = new TestClient(await startTestServer({ signingAlgorithm }));
      return (await client.call<Record<string, unknown>>("GET", "/.well-known/openid-configuration")).body;
    };
    expect(await listed("RS256")).toMatchObject({ id_token_signing_alg_values_supported: ["RS256"] });
    expect(Object.keys(await listed("HS256"))).toEqual([
      "issuer",
      "jwks_uri",
      "introspection_endpoint",
      "introspection_endpoint_auth_methods_supported",
      "revocation_endpoint",
      "revocation_endpoint_auth_methods_supported",
      "response_types_supported",
      "grant_types_supported",
      "dpop_signing_alg_values_supported",
    ]);
  });

  it("200: pages of every origin may read it, without cookies", async () => {
    const client = new TestClient(await startTestServer());
    const { headers } = await client.call("GET", "/.well-known/openid-configuration", {
      headers: { origin: "https://any.example" },
    });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });
});
