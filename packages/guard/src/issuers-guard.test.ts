import { generateKey, importSecret, signJws, type Key } from "@ostiary/jwt";
import { inspect } from "node:util";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { CLIENT } from "../test/feed-server.ts";
import { auth0Tenant, fetchFrom, keycloakRealm, supabaseProject } from "../test/foreign-documents.ts";
import { accessClaims, AUDIENCE, joinToken, refusalOf, signToken, startIssuer } from "../test/issuer.ts";
import { auth0, createGuard, keycloak, oidc, ostiary, supabase, type AnyIdentity, type GuardError, type TrustedIssuer } from "./index.ts";

const NOW = 1_800_000_000;

const tenant = auth0Tenant();
const realm = keycloakRealm();
const project = supabaseProject();
const trusted = {
  auth0: auth0({ domain: "example.eu.auth0.com", audience: "https://api.example", rolesClaim: "https://api.example/roles" }),
  keycloak: keycloak({ url: "https://sso.example", realm: "demo", audience: "orders-api" }),
  supabase: supabase({ projectUrl: project.projectUrl }),
};

function guardOf(issuers: readonly TrustedIssuer[] = Object.values(trusted)) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const guard = createGuard({
    issuers,
    fetch: fetchFrom([tenant, realm, project], asked),
    clock: () => NOW * 1000,
    onWarning: (message) => void warnings.push(message),
  });
  onTestFinished(() => guard.close());
  return { guard, asked, warnings, verdict: async (token: string) => (await refusalOf(guard.verify(token))).reason };
}

const jwt = (key: Key, claims: object, typ = "JWT") => signToken(key, claims, { typ });

test("the tokens of Auth0, Keycloak and Supabase become identities of one form", async () => {
  const { guard, warnings } = guardOf();
  await guard.ready();
  expect(await guard.verify(jwt(tenant.key, tenant.claims(NOW)))).toMatchObject({
    issuer: "https://example.eu.auth0.com/",
    subject: "auth0|123456",
    sessionId: null,
    roles: ["doctor"],
    scopes: ["openid", "profile", "read:patients", "read:admin"],
  });
  expect(await guard.verify(jwt(realm.key, realm.claims(NOW)))).toMatchObject({
    issuer: "https://sso.example/realms/demo",
    subject: "7ddaf89f-69eb-4ecf-a9ca-acba11211986",
    sessionId: "0f5a1b9e-4b7e-4e7c-9d56-000000000000",
    roles: ["offline_access", "default-roles-demo", "uma_authorization", "staff", "approver"],
    scopes: ["openid", "email", "orders:read"],
  });
  const identity = await guard.verify(jwt(project.key, project.claims(NOW)));
  expect(identity).toMatchObject({
    issuer: "https://abcdefghijklmnop.supabase.co/auth/v1",
    sessionId: "4b938a09-5372-4177-a314-cfa292099ea2",
    roles: ["editor"],
    scopes: [],
    claims: { email: "ada@example.com" },
  });
  for (const part of [identity, identity.roles, identity.scopes, identity.claims]) expect(Object.isFrozen(part)).toBe(true);
  expect(warnings).toEqual([]);
  expectTypeOf(identity).toEqualTypeOf<AnyIdentity>();
});

test("keys are where each issuer has them, and asked for once", async () => {
  const { guard, asked } = guardOf();
  await guard.ready();
  expect(asked.toSorted()).toEqual([tenant, realm, project].flatMap(({ documents }) => Object.keys(documents)).toSorted());
  expect(guard.status().issuers.map(({ issuer, keys, connected }) => [issuer, keys.count, connected])).toEqual([
    [tenant.url, 2, false],
    [realm.url, 1, false],
    [project.url, 1, false],
  ]);
});

test("a warm token of any issuer gets the very same identity", async () => {
  const { guard } = guardOf();
  for (const token of [jwt(tenant.key, tenant.claims(NOW)), jwt(realm.key, realm.claims(NOW))]) {
    expect(await guard.verify(token)).toBe(await guard.verify(token));
  }
});

test("a key of one issuer never verifies another's token, whatever the token says", async () => {
  const { guard, verdict } = guardOf();
  await guard.ready();
  const issuers = [tenant, realm, project];
  for (const signing of issuers) {
    for (const claimed of issuers) {
      if (signing === claimed) continue;
      const claims = claimed.claims(NOW);
      expect(await verdict(jwt(signing.key, claims))).toBe("signature_invalid");
      const borrowed = joinToken({ alg: signing.key.algorithm, typ: "JWT", kid: claimed.key.keyId }, claims, (input) =>
        Buffer.from(jwt(signing.key, { input }).split(".")[2]!, "base64url"),
      );
      expect(await verdict(borrowed)).toBe("signature_invalid");
    }
  }
});

test("two issuers with the same kid stay apart", async () => {
  const [one, two] = [await startIssuer({ key: generateKey("ES256", { keyId: "1" }) }), await startIssuer({ key: generateKey("ES256", { keyId: "1" }) })];
  const guard = createGuard({
    issuers: [ostiary({ issuer: one.url, audience: AUDIENCE }), ostiary({ issuer: two.url, audience: AUDIENCE })],
    onWarning: () => {},
  });
  onTestFinished(() => guard.close());
  expect((await guard.verify(one.token())).issuer).toBe(one.url);
  expect((await guard.verify(two.token())).issuer).toBe(two.url);
  expect(await refusalOf(guard.verify(signToken(one.keys[0]!, accessClaims(two.url))))).toMatchObject({ reason: "signature_invalid" });
});

test("a token whose issuer is not on the list, exactly, is refused, and nobody is asked", async () => {
  const { guard, verdict, asked } = guardOf();
  const claims = tenant.claims(NOW);
  for (const iss of [
    "https://evil.example/",
    "https://example.eu.auth0.com",
    "https://EXAMPLE.eu.auth0.com/",
    "https://example.eu.auth0.com/ ",
    "__proto__",
    "",
    [claims.iss],
    { toString: () => claims.iss },
    null,
    undefined,
  ]) {
    expect(await verdict(jwt(tenant.key, { ...claims, iss }))).toBe("claim_invalid");
  }
  expect(await verdict("nonsense")).toBe("token_malformed");
  expect(await verdict("a.b.c")).toBe("token_malformed");
  expect(asked).toEqual([]);
  expect((await guard.verify(jwt(tenant.key, claims))).issuer).toBe(claims.iss);
});

test("a token of no issuer on the list is challenged by the scheme it came by", async () => {
  const { guard } = guardOf();
  const stranger = signToken(realm.key, { ...realm.claims(NOW), iss: "https://other.example" }, { typ: "JWT" });
  for (const [scheme, token] of [["DPoP", stranger], ["DPoP", "no.token"], ["Bearer", stranger]]) {
    const headers = new Headers({ authorization: `${scheme} ${token}` });
    const refusal = await guard.authenticate({ method: "GET", url: "/", headers }).catch((error: unknown) => error as GuardError);
    expect((refusal as GuardError).headers["WWW-Authenticate"]).toMatch(new RegExp(`^${scheme} error="invalid_token"`));
  }
});

test("a token that names two issuers is of neither, whichever comes first and however it is written", async () => {
  const { verdict } = guardOf();
  const { iss: first, ...rest } = tenant.claims(NOW);
  const second = realm.claims(NOW).iss;
  for (const [one, other] of [[first, second], [second, first], [first, first]]) {
    for (const name of ["iss", "\\u0069ss"]) {
      const text = `{"iss":${JSON.stringify(one)},"${name}":${JSON.stringify(other)},${JSON.stringify(rest).slice(1)}`;
      for (const { key } of [tenant, realm]) {
        expect(await verdict(signJws(Buffer.from(text), { key, header: { typ: "JWT" } }))).toBe("token_malformed");
      }
    }
  }
});

test("a huge token is refused unread and unremembered, also one that an issuer has signed", async () => {
  const { guard, verdict, asked } = guardOf();
  const claims = tenant.claims(NOW);
  expect(await verdict(jwt(tenant.key, { ...claims, filler: "x".repeat(20_000) }))).toBe("token_malformed");
  expect(await verdict("x".repeat(50_000_000))).toBe("token_malformed");
  expect(await verdict(undefined as unknown as string)).toBe("token_malformed");
  expect(asked).toEqual([]);
  expect((await guard.verify(jwt(tenant.key, { ...claims, filler: "x".repeat(4000) }))).subject).toBe("auth0|123456");
});

test("a huge header is not read to find out what kind of token it is", async () => {
  const secret = generateKey("HS256");
  const { guard } = guardOf([supabase({ projectUrl: project.projectUrl, legacySecret: secret })]);
  const member = jwt(secret, project.claims(NOW));
  expect((await guard.verify(member)).issuer).toBe(project.claims(NOW).iss);
  const huge = signToken(secret, project.claims(NOW), { typ: "JWT", filler: "x".repeat(4000) });
  expect((await refusalOf(guard.verify(huge))).reason).toBe("signature_invalid");
});

test.each([
  ["auth0", tenant],
  ["keycloak", realm],
  ["supabase", project],
] as const)("%s: a token for another API, without expiry, expired, or of nobody is refused", async (_, issuer) => {
  const { verdict } = guardOf();
  const claims = issuer.claims(NOW);
  const refused = [
    { aud: "https://other.example" },
    { aud: [] },
    { aud: undefined },
    { exp: undefined },
    { exp: String(NOW + 900) },
    { iat: undefined },
    { sub: undefined },
    { sub: "" },
    { sub: 7 },
  ];
  for (const change of refused) expect(await verdict(jwt(issuer.key, { ...claims, ...change }))).toBe("claim_invalid");
  expect(await verdict(jwt(issuer.key, { ...claims, exp: NOW }))).toBe("token_expired");
});

test("auth0: both of its token profiles are access tokens, other types are not", async () => {
  const { guard, verdict } = guardOf();
  const { azp, ...claims } = tenant.claims(NOW);
  const profile = { ...claims, client_id: azp, jti: "73WakrfVbNJBaAmhQtEeDv" };
  expect((await guard.verify(jwt(tenant.key, profile, "at+jwt"))).subject).toBe("auth0|123456");
  for (const typ of ["rt+jwt", "id+jwt", "logout+jwt", "secevent+jwt"]) expect(await verdict(jwt(tenant.key, profile, typ))).toBe("claim_invalid");
});

test("no number of made-up tokens keeps a good one out, of either kind", async () => {
  const { guard, verdict } = guardOf();
  const good = [jwt(tenant.key, tenant.claims(NOW)), jwt(tenant.key, tenant.claims(NOW), "at+jwt")];
  for (const token of good) {
    const header = token.split(".")[0]!;
    for (const forged of [`${header}.e30.AAAA`, `${header}.!.AAAA`, `${header}..`, header, `${header}.${token.split(".")[1]}.`]) await verdict(forged);
  }
  for (let i = 0; i < 500; i++) {
    await verdict(joinToken({ alg: "RS256", typ: i % 2 === 0 ? "JWT" : "at+jwt", kid: `kid-${i}` }, tenant.claims(NOW), () => "x".repeat(256)));
  }
  for (const token of good) expect((await guard.verify(token)).subject).toBe("auth0|123456");
});

test("auth0: an ID token is for the client, not for the API", async () => {
  const { verdict } = guardOf();
  expect(await verdict(jwt(tenant.key, { ...tenant.claims(NOW), aud: "my_client_id", nonce: "n" }))).toBe("claim_invalid");
});

test("keycloak: ID and refresh tokens are no access tokens, though signed by the same key for the same audience", async () => {
  const { guard, verdict } = guardOf();
  for (const typ of ["ID", "Refresh", "Offline", "Logout", "bearer", undefined, ["Bearer"]]) {
    expect(await verdict(jwt(realm.key, { ...realm.claims(NOW), typ }))).toBe("claim_invalid");
  }
  expect((await guard.verify(jwt(realm.key, realm.claims(NOW), "at+jwt"))).roles).toContain("approver");
});

test("keycloak: roles of other clients are none here, and roles of a strange shape grant nothing", async () => {
  const { guard } = guardOf();
  const shapes = [undefined, null, "staff", [], { roles: { 0: "staff" } }, { roles: [1, null, ["staff"]] }];
  for (const realmAccess of shapes) {
    const claims = { ...realm.claims(NOW), realm_access: realmAccess, resource_access: { account: { roles: ["manage-account"] } } };
    expect((await guard.verify(jwt(realm.key, claims))).roles).toEqual([]);
  }
});

test("supabase: only app_metadata gives roles, never what users may change themselves", async () => {
  const { guard } = guardOf();
  const claims = { ...project.claims(NOW), app_metadata: { provider: "email" } };
  expect((await guard.verify(jwt(project.key, claims))).roles).toEqual([]);
});

test("supabase: the keys of the project itself, anon and service_role, are nobody's access tokens", async () => {
  const secret = importSecret(Buffer.from(project.legacySecret), { algorithm: "HS256" });
  const { verdict } = guardOf([supabase({ projectUrl: project.projectUrl, legacySecret: secret })]);
  for (const role of ["anon", "service_role"]) {
    const claims = { iss: "supabase", ref: "abcdefghijklmnop", role, iat: NOW, exp: NOW + 900 };
    expect(await verdict(jwt(secret, claims))).toBe("claim_invalid");
    expect(await verdict(jwt(secret, { ...claims, iss: project.url }))).toBe("claim_invalid");
  }
});

test("supabase: the legacy secret works beside the published keys, and only if it was given", async () => {
  const secret = importSecret(Buffer.from(project.legacySecret), { algorithm: "HS256" });
  const legacy = jwt(secret, project.claims(NOW));
  expect(await guardOf().verdict(legacy)).toBe("signature_invalid");
  const { guard, verdict } = guardOf([supabase({ projectUrl: project.projectUrl, legacySecret: secret })]);
  await guard.ready();
  expect((await guard.verify(legacy)).roles).toEqual(["editor"]);
  expect((await guard.verify(jwt(project.key, project.claims(NOW)))).roles).toEqual(["editor"]);
  const other = importSecret(Buffer.alloc(40, 1), { algorithm: "HS256" });
  expect(await verdict(jwt(other, project.claims(NOW)))).toBe("signature_invalid");
});

test("supabase: a project with nothing but its legacy secret is ready though it publishes no key", async () => {
  const secret = importSecret(Buffer.from(project.legacySecret), { algorithm: "HS256" });
  const guard = createGuard({
    issuers: [supabase({ projectUrl: project.projectUrl, legacySecret: secret })],
    fetch: () => Promise.resolve(Response.json({ keys: [] })),
    clock: () => NOW * 1000,
    onWarning: () => {},
  });
  onTestFinished(() => guard.close());
  await guard.ready();
  await guard.verify(jwt(secret, project.claims(NOW)));
  expect(await refusalOf(guard.verify(jwt(project.key, project.claims(NOW))))).toMatchObject({ status: 503 });
});

test("one issuer that is down takes nothing from the others", async () => {
  const guard = createGuard({
    issuers: Object.values(trusted),
    fetch: fetchFrom([realm, project]),
    clock: () => NOW * 1000,
    onWarning: () => {},
  });
  onTestFinished(() => guard.close());
  await guard.verify(jwt(realm.key, realm.claims(NOW)));
  expect(await refusalOf(guard.verify(jwt(tenant.key, tenant.claims(NOW))))).toMatchObject({ status: 503, error: "unavailable" });
  await guard.verify(jwt(project.key, project.claims(NOW)));
});

test("oidc: claims are found where the issuer has them", async () => {
  const key = generateKey("ES256");
  const issuer = "https://login.example/tenant";
  const options = { issuer, audience: AUDIENCE, keys: key };
  const claims = { ...accessClaims(issuer, NOW * 1000), roles: ["a"], groups: ["b", 7], ext: { perms: "c d", deep: ["e"] }, scp: ["f"] };
  const identify = (more: Partial<Parameters<typeof oidc>[0]>) => guardOf([oidc({ ...options, ...more })]).guard.verify(signToken(key, claims));
  expect(await identify({})).toMatchObject({ roles: ["a"], scopes: ["orders:read", "orders:write"], sessionId: "session-1" });
  expect(await identify({ rolesClaim: "groups", scopesClaim: "scp" })).toMatchObject({ roles: ["b"], scopes: ["f"] });
  expect(await identify({ rolesClaim: ["ext", "deep"], scopesClaim: ["ext", "perms"] })).toMatchObject({ roles: ["e"], scopes: ["c", "d"] });
  expect(await identify({ rolesClaim: "toString", scopesClaim: ["__proto__", "x"] })).toMatchObject({ roles: [], scopes: [] });
  expect((await refusalOf(guardOf([oidc(options)]).guard.verify(jwt(key, claims)))).reason).toBe("claim_invalid");
  expect((await guardOf([oidc({ ...options, types: ["JWT"] })]).guard.verify(jwt(key, claims))).subject).toBe("user-1");
});

test("a trusted issuer shows its name, and no secret", () => {
  const shown = inspect(ostiary({ issuer: "https://auth.example", audience: AUDIENCE, revocation: CLIENT }), { showHidden: true, depth: 9 });
  expect(shown).toBe("{ issuer: 'https://auth.example' }");
});

const our = { issuer: "https://auth.example", audience: AUDIENCE };

test.each<[string, () => unknown, string]>([
  ["no issuers", () => createGuard({ issuers: [] }), "issuers must be a list"],
  ["a text", () => createGuard({ issuers: "https://auth.example" as never }), "issuers must be a list"],
  ["a plain object", () => createGuard({ issuers: [{ ...trusted.auth0 }] }), "issuers must be a list"],
  ["a hole", () => createGuard({ issuers: [trusted.auth0, undefined as never] }), "issuers must be a list"],
  ["one twice", () => createGuard({ issuers: [trusted.auth0, trusted.auth0] }), "issuers must not name an issuer twice"],
  ["both ways at once", () => createGuard({ ...our, issuers: [trusted.auth0] } as never), "createGuard has no option issuer"],
  ["a wrong option", () => createGuard({ issuers: [trusted.auth0], maxCachedTokens: -1 }), "maxCachedTokens"],
  ["no folder", () => createGuard({ ...our, keyCacheFolder: "" }), "keyCacheFolder must be the path of a folder"],
  ["auth0: an address", () => auth0({ domain: "https://example.auth0.com/", audience: "a" }), "domain must be the tenant's domain alone"],
  ["auth0: no audience", () => auth0({ domain: "example.auth0.com" } as never), "audience is required"],
  ["auth0: HS256 without its key", () => auth0({ domain: "x.auth0.com", audience: "a", algorithms: ["HS256"] }), "HS256 needs its key"],
  ["keycloak: no realm", () => keycloak({ url: "https://sso.example", audience: "a" } as never), "realm must be the realm's name"],
  ["keycloak: plain http", () => keycloak({ url: "http://sso.example", realm: "a", audience: "a" }), "url must be https"],
  ["supabase: a text as secret", () => supabase({ projectUrl: "https://x.supabase.co", legacySecret: "secret" as never }), "legacySecret must be a key"],
  ["supabase: another key as secret", () => supabase({ projectUrl: "https://x.supabase.co", legacySecret: generateKey("ES256") }), "legacySecret must be a key"],
  ["oidc: no types", () => oidc({ ...our, types: [] }), "types must be a list"],
  ["oidc: keys over plain http", () => oidc({ ...our, jwksUri: "http://keys.example" }), "jwksUri must be https"],
  ["oidc: a strange claim", () => oidc({ ...our, rolesClaim: [] }), "rolesClaim must be a claim"],
  ["ostiary: an unknown option", () => ostiary({ ...our, fetch } as never), "ostiary has no option fetch"],
])("what cannot work is refused at once: %s", (_, attempt, sentence) => {
  expect(attempt).toThrow(sentence);
  expect(attempt).toThrow(TypeError);
});
