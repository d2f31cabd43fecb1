/** Our port of the conformance suite's profile "Config OP", and of what its logout profiles ask of the discovery document. */
import { beforeAll, describe, expect, it } from "vitest";
import { fetchDiscovery } from "./relying-party.ts";
import type { Answer } from "./relying-party.ts";
import { PROVIDERS, tested } from "./tested.ts";

/** Members of a JWK that nobody else may know (RFC 7518 §6). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

describe.each(PROVIDERS)("Config OP: $name", ({ start }) => {
  const { provider, relyingParty } = tested(start);
  let discovered: Answer;
  beforeAll(async () => {
    discovered = await fetchDiscovery(provider());
  });
  const valuesOf = (name: string): string[] => discovered.body[name] as string[];

  it("oidcc-discovery-endpoint-verification: the document", () => {
    const { status, headers, body } = discovered;
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(body["issuer"]).toBe(provider().issuer);
    expect(new URL(provider().issuer)).toMatchObject({ protocol: "https:", search: "", hash: "" });
  });

  it("oidcc-discovery-endpoint-verification: every address is https", () => {
    const addresses = Object.entries(discovered.body).filter(([name]) => /_(?:endpoint|uri|iframe)$/.test(name));
    expect(addresses.length).toBeGreaterThanOrEqual(6);
    for (const [name, address] of addresses) expect([name, URL.parse(String(address))?.protocol]).toEqual([name, "https:"]);
    for (const name of ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"]) {
      expect(discovered.body).toHaveProperty(name);
    }
  });

  it("oidcc-discovery-endpoint-verification: what has to be supported is", () => {
    const lists = Object.entries(discovered.body).filter(
      ([name]) => /_(?:supported)$/.test(name) && !/_parameter_supported$|logout/.test(name),
    );
    for (const [name, list] of lists) {
      if (typeof list === "boolean") continue;
      const isList = Array.isArray(list) && list.length > 0 && list.every((value) => typeof value === "string");
      expect([name, isList, Array.isArray(list) && new Set(list).size === list.length]).toEqual([name, true, true]);
    }
    expect(valuesOf("response_types_supported")).toContain("code");
    expect(valuesOf("grant_types_supported")).toContain("authorization_code");
    expect(valuesOf("subject_types_supported")).toContain("public");
    expect(valuesOf("id_token_signing_alg_values_supported")).toContain("RS256");
    expect(valuesOf("scopes_supported")).toContain("openid");
    for (const scope of valuesOf("scopes_supported")) expect(scope).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(valuesOf("claims_supported")).toContain("sub");
    expect(valuesOf("code_challenge_methods_supported")).toEqual(["S256"]);
    expect(valuesOf("token_endpoint_auth_methods_supported")).toContain("client_secret_basic");
    if ("ui_locales_supported" in discovered.body) {
      const tags = valuesOf("ui_locales_supported");
      expect(Intl.getCanonicalLocales(tags)).toEqual(tags);
    }
    for (const name of ["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"]) {
      expect([undefined, true, false]).toContain(discovered.body[name]);
    }
  });

  it("oidcc-discovery-endpoint-verification: the keys", async () => {
    const rp = await relyingParty();
    const { status, body } = await rp.ask(rp.metadata.jwks_uri);
    const keys = body["keys"] as Partial<Record<string, string>>[];
    expect([status, keys.length > 0]).toEqual([200, true]);
    expect(keys.some(({ kty, use }) => kty === "RSA" && (use === undefined || use === "sig"))).toBe(true);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    for (const key of keys) {
      expect(key["kid"]).toEqual(expect.any(String));
      expect(Object.keys(key).filter((name) => PRIVATE.includes(name))).toEqual([]);
      const values = ["n", "e", "x", "y"].flatMap((name) => key[name] ?? []);
      for (const value of values) expect(value).toMatch(/^[\w-]+$/);
      if (key["kty"] === "RSA") expect(Buffer.from(key["n"] ?? "", "base64url").length).toBeGreaterThanOrEqual(256);
    }
  });

  it("oidcc-rp-initiated-logout-discovery-endpoint-verification", () => {
    expect(URL.parse(String(discovered.body["end_session_endpoint"]))?.protocol).toBe("https:");
  });

  it("oidcc-backchannel-logout-discovery-endpoint-verification", () => {
    expect(discovered.body).toMatchObject({ backchannel_logout_supported: true, backchannel_logout_session_supported: true });
    expect(URL.parse(String(discovered.body["end_session_endpoint"]))?.protocol).toBe("https:");
  });
});
