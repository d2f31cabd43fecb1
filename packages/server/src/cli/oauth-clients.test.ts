import { writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ostiary, ostiaryJson } from "../../test/command.ts";
import { ISSUER, SECRET, startTestServer, temporaryFile } from "../../test/test-server.ts";
import { DEVICE_GRANT } from "../clients/registration.ts";
import type { TestServer } from "../../test/test-server.ts";

let server: TestServer;
beforeEach(async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  vi.stubEnv("OSTIARY_DATABASE_URL", databaseUrl);
  vi.stubEnv("OSTIARY_SECRET", SECRET);
  vi.stubEnv("OSTIARY_ISSUER", ISSUER);
  server = await startTestServer({ databaseUrl });
  return () => vi.unstubAllEnvs();
});

const CALLBACK = "https://shop.example/callback";
const create = (...args: string[]) => ostiary("clients", "create", "shop", ...args);

describe("ostiary clients, for OAuth", () => {
  it("create prints the three things that a relying party needs, the secret this once", async () => {
    const { code, out } = await create("--redirect-uri", CALLBACK);
    expect(code).toBe(0);
    const form = /^discovery {5}(\S+)\nclientId {6}([\da-f-]{36})\nclientSecret {2}([\w-]{43})\nThe secret is not shown again\.\n$/;
    const [, discovery, clientId = "", secret = ""] = form.exec(out) ?? [];
    expect(discovery).toBe(`${ISSUER}/.well-known/openid-configuration`);
    expect((await server.clients.find(clientId))?.registration).toEqual({
      redirectUris: [CALLBACK],
      postLogoutRedirectUris: [],
      grantTypes: ["authorization_code", "refresh_token"],
      tokenEndpointAuthMethod: "client_secret_basic",
      scopes: ["openid", "profile", "email", "offline_access"],
      roles: [],
      firstParty: false,
      jwks: null,
      backchannelLogoutUri: null,
      dpopBoundAccessTokens: false,
      requirePushedAuthorizationRequests: false,
    });
    for (const command of ["list", "show"]) {
      const shown = await ostiary("clients", command, ...(command === "show" ? [clientId] : []));
      expect(shown.out).toContain(clientId);
      expect(shown.out).not.toContain(secret);
    }
  });

  it("create takes all of a registration, and tells it as JSON", async () => {
    const args = `--redirect-uri ${CALLBACK} http://localhost:3000/callback --first-party --post-logout-redirect-uri https://shop.example/
      --backchannel-logout-uri https://shop.example/logout --auth-method client_secret_post --client-credentials --device --par --guard --dpop`;
    const [made] = await ostiaryJson("clients", "create", "shop", ...args.split(/\s+/), "--scope", "openid orders:read");
    expect(made).toEqual({
      clientId: expect.any(String) as unknown,
      clientSecret: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      name: "shop",
      guard: true,
      issuer: ISSUER,
      registration: {
        redirectUris: [CALLBACK, "http://localhost:3000/callback"],
        postLogoutRedirectUris: ["https://shop.example/"],
        grantTypes: ["authorization_code", DEVICE_GRANT, "refresh_token", "client_credentials"],
        tokenEndpointAuthMethod: "client_secret_post",
        scopes: ["openid", "orders:read"],
        roles: [],
        firstParty: true,
        jwks: null,
        backchannelLogoutUri: "https://shop.example/logout",
        dpopBoundAccessTokens: true,
        requirePushedAuthorizationRequests: true,
      },
    });
  });

  it("create gives no secret to who has none: a public client, and one with a key", async () => {
    const isPublic = await create("--public", "--redirect-uri", "com.example.app:/callback");
    expect(isPublic.out).toMatch(/clientId {6}[\da-f-]{36}\nIt has no secret: it is public\.\n$/);
    const [json] = await ostiaryJson("clients", "create", "shop", "--public", "--redirect-uri", CALLBACK);
    expect(json).not.toHaveProperty("clientSecret");

    const file = temporaryFile("jwks.json");
    const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    const jwk = await crypto.subtle.exportKey("jwk", publicKey);
    writeFileSync(file, JSON.stringify({ keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, alg: "ES256", kid: "one" }] }));
    const withKey = await create("--client-credentials", "--jwks", file, "--scope", "orders:read");
    expect(withKey.out).toContain("It has no secret: it proves who it is with its key.");
  });

  it("create registers a device, which nobody comes back to", async () => {
    const [json] = await ostiaryJson("clients", "create", "tv", "--public", "--device", "--scope", "openid", "offline_access");
    const grants = { redirectUris: [], grantTypes: [DEVICE_GRANT, "refresh_token"], scopes: ["openid", "offline_access"] };
    expect(json).toMatchObject({ registration: { ...grants, tokenEndpointAuthMethod: "none" } });
  });

  it.each([
    [[], "Say what it may do"],
    [["--scope", "openid"], "Say what it does by OAuth"],
    [["--guard", "--first-party"], "Say what it does by OAuth"],
    [["--guard", "--par"], "Say what it does by OAuth"],
    [["--public", "--auth-method", "client_secret_post", "--redirect-uri", CALLBACK], "--public client cannot prove"],
    [["--redirect-uri", CALLBACK, "--auth-method", "password"], "Allowed choices"],
    [["--redirect-uri"], "argument missing"],
    [["--nonsense"], "unknown option"],
  ])("create %j is wrong use: 2", async (args, message) => {
    const { code, out, err } = await create(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it.each([
    [["--redirect-uri", "http://shop.example/callback"], "redirectUris must be https, or a loopback address"],
    [["--redirect-uri", "/callback"], "redirectUris must be absolute"],
    [["--redirect-uri", "com.example.app:/callback"], "in a public client only"],
    [["--redirect-uri", CALLBACK, "--backchannel-logout-uri", "http://10.0.0.1/"], "backchannelLogoutUri must be https"],
    [["--redirect-uri", CALLBACK, "--scope", 'a"b'], "scopes must be scopes"],
    [["--public", "--client-credentials"], "which a public client cannot prove to be"],
    [["--client-credentials", "--jwks", "/no/such/file"], "cannot be read"],
    [["--guard", "--public", "--redirect-uri", CALLBACK], "guard goes with"],
  ])("create %j fails with 1 and says why", async (args, message) => {
    const { code, out, err } = await create(...args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(message);
    expect(await server.clients.list()).toEqual([]);
  });

  it("update replaces what is named, and nothing else", async () => {
    const { clientId } = await server.clients.create({ name: "shop", registration: { redirectUris: [CALLBACK], firstParty: true } });
    const changed = await ostiary("clients", "update", clientId, "--name", "Shop", "--redirect-uri", "https://new.example/", "--backchannel-logout-uri", "https://new.example/out");
    expect(changed.out).toContain("redirect URI      https://new.example/");
    const [now] = await ostiaryJson("clients", "update", clientId, "--backchannel-logout-uri", "", "--no-first-party", "--par");
    expect(now).toMatchObject({ name: "Shop", registration: { redirectUris: ["https://new.example/"], backchannelLogoutUri: null, firstParty: false, requirePushedAuthorizationRequests: true } });
    expect((await ostiary("clients", "update", clientId, "--no-par")).out).toMatch(/pushes always +no/);
    const [event] = await server.audit.list({ types: ["client_updated"] });
    expect(event?.detail).toMatchObject({ clientId, name: "Shop" });
    expect(await ostiary("clients", "update", clientId)).toMatchObject({ code: 2 });
    expect(await ostiary("clients", "update", clientId, "--redirect-uri", "nonsense")).toMatchObject({ code: 1 });
    const guard = await server.clients.create({ name: "API", guard: true });
    expect(await ostiary("clients", "update", guard.clientId, "--redirect-uri", CALLBACK)).toMatchObject({ code: 1 });
  });

  it.each(["show", "update"])("%s ends with 1 where there is no such client", async (command) => {
    const { code, err } = await ostiary("clients", command, "nobody", ...(command === "update" ? ["--name", "x"] : []));
    expect([code, err]).toEqual([1, "There is no client nobody.\n"]);
  });
});
