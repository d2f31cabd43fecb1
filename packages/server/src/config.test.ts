import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SECRET, temporaryFile } from "../test/test-server.ts";
import { readEnvironment, resolveSettings, startWarnings } from "./config.ts";
import type { Environment } from "./config-variables.ts";
import type { OstiaryConfig } from "./ostiary-config.ts";
import type { Settings } from "./config-schema.ts";

const inCode = (config: OstiaryConfig) => resolveSettings({ inCode: config, environment: {} });
const from = (environment: Environment) => resolveSettings({ environment });

/** Looks like random bytes, and is the same each time. */
const tokenSecret = (seed: string, hash = "sha256") => createHash(hash).update(seed).digest("base64url");

function problemsOf(resolve: () => Settings): string[] {
  try {
    resolve();
  } catch (error) {
    const [first, ...problems] = (error as Error).message.split("\n");
    expect((error as Error).name).toBe("StartError");
    expect(first).toBe("The configuration cannot be used:");
    return problems.map((problem) => problem.replace(/^ {2}- /, ""));
  }
  return [];
}

describe("settings", () => {
  it("have the defaults of the contract", () => {
    expect(from({})).toMatchObject({
      port: 4000,
      issuer: "http://localhost:4000/auth",
      issuerPath: "/auth",
      secure: false,
      dataDir: ".ostiary",
      databaseUrl: "sqlite:.ostiary/ostiary.db",
      audience: ["http://localhost:4000/auth"],
      signingAlgorithm: "ES256",
      keyRotation: 90 * 86_400,
      keyPublishAhead: 600,
      accessTokenTtl: 900,
      refreshTokenTtl: 7 * 86_400,
      sessionTtl: 30 * 86_400,
      rememberTtl: 90 * 86_400,
      rotationGrace: 10,
      allowedOrigins: ["http://localhost:4000"],
      passwordMinLength: 8,
      limits: "on",
      scopes: {},
      production: false,
    });
  });

  it.each<[string, string, Partial<Settings>]>([
    ["PORT", "5000", { port: 5000, issuer: "http://localhost:5000/auth" }],
    ["PORT", "", { port: 4000 }],
    ["OSTIARY_PORT", "5000", { port: 5000, allowedOrigins: ["http://localhost:5000"] }],
    [
      "OSTIARY_ISSUER",
      "https://id.example/x/auth",
      { issuerPath: "/x/auth", secure: true, allowedOrigins: ["https://id.example"] },
    ],
    ["OSTIARY_ISSUER", "https://id.example", { issuerPath: "", audience: ["https://id.example"] }],
    ["OSTIARY_DATA_DIR", "/var/lib/ostiary", { databaseUrl: "sqlite:/var/lib/ostiary/ostiary.db" }],
    ["OSTIARY_DATABASE_URL", "sqlite:/tmp/x.db", { databaseUrl: "sqlite:/tmp/x.db" }],
    ["OSTIARY_SECRET", SECRET, { secret: SECRET }],
    ["OSTIARY_TRUST_PROXY", "1", { trustProxy: 1 }],
    ["OSTIARY_TRUST_PROXY", "0", { trustProxy: 0 }],
    ["OSTIARY_TRUST_PROXY", " ", { trustProxy: undefined }],
    ["OSTIARY_TRUST_PROXY", "10.0.0.0/8, loopback", { trustProxy: ["10.0.0.0/8", "loopback"] }],
    ["OSTIARY_AUDIENCE", "https://api.example, other", { audience: ["https://api.example", "other"] }],
    ["OSTIARY_SIGNING_ALGORITHM", "Ed25519", { signingAlgorithm: "Ed25519" }],
    ["OSTIARY_PREVIOUS_SECRET", "before", { previousSecret: "before" }],
    ["OSTIARY_KEY_ROTATION", "30d", { keyRotation: 30 * 86_400, keyPublishAhead: 600 }],
    ["OSTIARY_KEY_ROTATION", "5s", { keyRotation: 5, keyPublishAhead: 5 }],
    ["OSTIARY_KEY_PUBLISH_AHEAD", "1d", { keyPublishAhead: 86_400 }],
    ["OSTIARY_REFRESH_TOKEN_SECRET", tokenSecret("x"), { signingAlgorithm: "ES256", refreshTokenSecret: tokenSecret("x") }],
    ["ACCESS_TOKEN_EXPIRY", "5m", { accessTokenTtl: 300 }],
    ["REFRESH_TOKEN_EXPIRY", "1d", { refreshTokenTtl: 86_400 }],
    ["OSTIARY_ACCESS_TOKEN_TTL", "90s", { accessTokenTtl: 90 }],
    ["OSTIARY_REFRESH_TOKEN_TTL", "12h", { refreshTokenTtl: 43_200 }],
    ["OSTIARY_SESSION_TTL", " 60d ", { sessionTtl: 60 * 86_400 }],
    ["OSTIARY_REMEMBER_TTL", "3600", { rememberTtl: 3600 }],
    ["OSTIARY_ROTATION_GRACE", "0", { rotationGrace: 0 }],
    [
      "OSTIARY_ALLOWED_ORIGINS",
      "https://a.example https://b.example:8443,",
      { allowedOrigins: ["http://localhost:4000", "https://a.example", "https://b.example:8443"] },
    ],
    ["OSTIARY_PASSWORD_MIN_LENGTH", "15", { passwordMinLength: 15 }],
    ["OSTIARY_LIMITS", "off", { limits: "off" }],
  ])("%s=%s", (name, value, expected) => {
    expect(from({ [name]: value })).toMatchObject(expected);
  });

  it("code beats variables, variables beat the file, OSTIARY_PORT beats PORT, whatever their order", () => {
    const file = { port: 1, passwordMinLength: 9, rotationGrace: 1 };
    const environment = { OSTIARY_PASSWORD_MIN_LENGTH: "10", OSTIARY_ROTATION_GRACE: "2", OSTIARY_PORT: "2", PORT: "3" };
    const settings = resolveSettings({ inCode: { rotationGrace: 3, port: undefined }, environment, inFile: file });
    expect(settings).toMatchObject({ port: 2, passwordMinLength: 10, rotationGrace: 3 });
    expect(from({ OSTIARY_PORT: "2", PORT: "3" }).port).toBe(2);
    expect(from({ PORT: "3", OSTIARY_PORT: "2" }).port).toBe(2);
  });

  it("are read from a .env file, below the process's own environment", () => {
    const folder = dirname(temporaryFile());
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);
    expect(readEnvironment()["OSTIARY_LIMITS"]).toBeUndefined();
    writeFileSync(".env", `OSTIARY_LIMITS=off\nOSTIARY_AUDIENCE="a, b" # comment\nPATH=/nowhere\n`);
    const environment = readEnvironment();
    expect(environment).toMatchObject({ OSTIARY_LIMITS: "off", OSTIARY_AUDIENCE: "a, b", PATH: process.env["PATH"] });
  });
});

describe("what cannot be used", () => {
  it("is told all at once, each by the name it was given", () => {
    const problems = problemsOf(() =>
      resolveSettings({
        inCode: { port: 0, acessTokenTtl: 1, claims: "x" } as unknown as OstiaryConfig,
        environment: { OSTIARY_ISSUER: "nonsense", OSTIARY_LIMIT: "on", PORT: "x", OSTIARY_ACCESS_TOKEN_TTL: "1y" },
        inFile: { passwordMinLength: 4, scopes: { admin: ["a b"] } },
      }),
    );
    expect(problems).toHaveLength(8);
    for (const named of [
      /^port: .*1 to 65535/,
      /^OSTIARY_ISSUER: /,
      /^OSTIARY_ACCESS_TOKEN_TTL: .*"15m"/,
      /^acessTokenTtl is not/,
    ]) {
      expect(problems.some((problem) => named.test(problem))).toBe(true);
    }
    for (const named of [/^claims: must be a function/, /^OSTIARY_LIMIT is not/, /^passwordMinLength: /, /^scopes\.admin\.0: /]) {
      expect(problems.some((problem) => named.test(problem))).toBe(true);
    }
  });

  it.each<[string, OstiaryConfig]>([
    ["port", { port: 65_536 }],
    ["port", { port: 1.5 }],
    ["issuer", { issuer: "https://id.example/" }],
    ["issuer", { issuer: "https://id.example/auth/" }],
    ["issuer", { issuer: "https://id.example/auth?x" }],
    ["issuer", { issuer: "https://id.example/auth#x" }],
    ["issuer", { issuer: "https://user:pw@id.example/auth" }],
    ["issuer", { issuer: "ftp://id.example" }],
    ["issuer", { issuer: "id.example" }],
    ["issuer", { issuer: "HTTPS://ID.example/auth" }],
    ["issuer", { issuer: "https://id.example:443/auth" }],
    ["issuer", { issuer: "https://id.example/a;b" }],
    ["issuer", { issuer: "https://id.example/:id/*" }],
    ["issuer", { issuer: "https://id.example/a/../b" }],
    ["databaseUrl", { databaseUrl: "sqlite:" }],
    ["databaseUrl", { databaseUrl: "mysql://x" }],
    ["secret", { secret: "short" }],
    ["secret", { secret: "x".repeat(64) }],
    ["secret", { secret: "abcdefgh".repeat(8) }],
    ["audience", { audience: [] }],
    ["audience", { audience: [""] }],
    ["audience", { audience: " , " }],
    ["signingAlgorithm", { signingAlgorithm: "none" as "ES256" }],
    ["signingAlgorithm", { signingAlgorithm: "es256" as "ES256" }],
    ["accessTokenTtl", { accessTokenTtl: "4s" }],
    ["accessTokenTtl", { accessTokenTtl: "25h" }],
    ["accessTokenTtl", { accessTokenTtl: Number.NaN }],
    ["accessTokenTtl", { accessTokenTtl: Infinity }],
    ["accessTokenTtl", { accessTokenTtl: "15 m" }],
    ["accessTokenTtl", { accessTokenTtl: "" }],
    ["refreshTokenTtl", { refreshTokenTtl: 9 }],
    ["sessionTtl", { sessionTtl: -1 }],
    ["rememberTtl", { rememberTtl: "1w" }],
    ["rotationGrace", { rotationGrace: 61 }],
    ["rotationGrace", { rotationGrace: 0.5 }],
    ["allowedOrigins", { allowedOrigins: "*" }],
    ["allowedOrigins", { allowedOrigins: "null" }],
    ["allowedOrigins", { allowedOrigins: ["https://app.example/"] }],
    ["allowedOrigins", { allowedOrigins: ["https://APP.example"] }],
    ["allowedOrigins", { allowedOrigins: ["app.example"] }],
    ["passwordMinLength", { passwordMinLength: 7 }],
    ["passwordMinLength", { passwordMinLength: 65 }],
    ["limits", { limits: "no" as "off" }],
    ["limits.loginTries", { limits: { loginTries: 0 } }],
    ["limits.loginWindow", { limits: { loginWindow: "30s" } }],
    ["limits", { limits: 5 as unknown as "on" }],
    ["trustProxy", { trustProxy: -1 }],
    ["trustProxy", { trustProxy: 11 }],
    ["trustProxy", { trustProxy: "10.0.0.0/33" }],
    ["trustProxy", { trustProxy: ["everyone"] }],
    ["scopes.admin.0", { scopes: { admin: ['"'] } }],
    ["scopes.admin", { scopes: { admin: "all" as unknown as string[] } }],
    ["clock", { clock: 1 as unknown as () => number }],
  ])("%s of %j", (name, config) => {
    const problems = problemsOf(() => inCode(config));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name.replaceAll(".", "\\.")}: `));
  });

  it("a secret is never repeated in the message", () => {
    const [problem] = problemsOf(() => inCode({ secret: "hunter2hunter2" }));
    expect(problem).not.toContain("hunter2");
  });
});

describe("passkeys", () => {
  const issuer = "https://id.example.com/auth";
  const passkeysOf = (environment: Environment) => from({ OSTIARY_ISSUER: issuer, ...environment }).passkeys;

  it.each<[Environment, Settings["passkeys"]]>([
    [{}, { rpId: "id.example.com", origins: ["https://id.example.com"] }],
    [{ OSTIARY_PASSKEY_RP_ID: "example.com" }, { rpId: "example.com", origins: ["https://id.example.com"] }],
    [
      {
        OSTIARY_PASSKEY_RP_ID: "example.com",
        OSTIARY_ALLOWED_ORIGINS: "https://app.example.com,https://other.example,https://notexample.com",
      },
      { rpId: "example.com", origins: ["https://id.example.com", "https://app.example.com"] },
    ],
    [
      { OSTIARY_PASSKEY_RP_ID: "example.com", OSTIARY_PASSKEY_ORIGINS: "https://id.example.com, https://app.example.com:8443" },
      { rpId: "example.com", origins: ["https://id.example.com", "https://app.example.com:8443"] },
    ],
  ])("with %j", (environment, expected) => {
    expect(passkeysOf(environment)).toEqual(expected);
  });

  it.each<[string, Environment]>([
    ["OSTIARY_PASSKEY_RP_ID: must be a domain", { OSTIARY_PASSKEY_RP_ID: "https://example.com" }],
    ["OSTIARY_PASSKEY_RP_ID: must be a domain", { OSTIARY_PASSKEY_RP_ID: "Example.com" }],
    ["OSTIARY_PASSKEY_RP_ID: must be the issuer's host", { OSTIARY_PASSKEY_RP_ID: "other.example" }],
    ["OSTIARY_PASSKEY_RP_ID: must be the issuer's host", { OSTIARY_PASSKEY_RP_ID: "ample.com" }],
    ["OSTIARY_PASSKEY_RP_ID: must be the issuer's host", { OSTIARY_PASSKEY_RP_ID: "login.id.example.com" }],
    ["OSTIARY_PASSKEY_ORIGINS: ", { OSTIARY_PASSKEY_ORIGINS: "app.example.com" }],
    ["OSTIARY_PASSKEY_ORIGINS: ", { OSTIARY_PASSKEY_ORIGINS: "https://id.example.com/" }],
    [
      "OSTIARY_PASSKEY_ORIGINS: browsers let no page of https://app.example.com",
      { OSTIARY_PASSKEY_ORIGINS: "https://app.example.com" },
    ],
  ])("%s… for %j", (problem, environment) => {
    expect(problemsOf(() => from({ OSTIARY_ISSUER: issuer, ...environment }))).toEqual([
      expect.stringMatching(new RegExp(`^${problem}`)),
    ]);
  });
});

describe("secrets that sign tokens", () => {
  const [access, refresh] = [tokenSecret("access"), tokenSecret("refresh")];

  it.each([
    ["OSTIARY_ACCESS_TOKEN_SECRET", "OSTIARY_REFRESH_TOKEN_SECRET"],
    ["ACCESS_TOKEN_SECRET", "REFRESH_TOKEN_SECRET"],
    ["JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET"],
    ["JWT_SECRET", "REFRESH_SECRET"],
  ])("%s and %s: HS256, or another HS* by setting", (accessName, refreshName) => {
    const secrets = { accessTokenSecret: access, refreshTokenSecret: refresh };
    const pair = { [accessName]: access, [refreshName]: refresh };
    expect(from(pair)).toMatchObject({ signingAlgorithm: "HS256", ...secrets });
    expect(from({ ...pair, OSTIARY_SIGNING_ALGORITHM: "HS256" })).toMatchObject(secrets);
    const long = { [accessName]: tokenSecret("long", "sha512"), [refreshName]: refresh };
    expect(from({ ...long, OSTIARY_SIGNING_ALGORITHM: "HS512" })).toMatchObject({ signingAlgorithm: "HS512" });
  });

  it("of the guides' names count where tokens are signed with a secret, and half a pair does not make it so", () => {
    expect(from({ JWT_SECRET: "for something else" })).toMatchObject({ signingAlgorithm: "ES256" });
    expect(from({ JWT_SECRET: "for something else" }).accessTokenSecret).toBeUndefined();
    const pair = { JWT_SECRET: "x", REFRESH_SECRET: "y" };
    for (const settings of [
      from({ ...pair, OSTIARY_SIGNING_ALGORITHM: "ES256" }),
      resolveSettings({ inCode: { signingAlgorithm: "ES256" }, environment: pair }),
    ]) {
      expect([settings.accessTokenSecret, settings.refreshTokenSecret]).toEqual([undefined, undefined]);
    }
    expect(from({ JWT_SECRET: access, OSTIARY_SIGNING_ALGORITHM: "HS256" })).toMatchObject({ accessTokenSecret: access });
  });

  it("ours beat the guides', and the guides' are taken in the order of the table", () => {
    const environment = {
      JWT_SECRET: "x",
      ACCESS_TOKEN_SECRET: access,
      REFRESH_TOKEN_SECRET: refresh,
      ACCESS_TOKEN_EXPIRY: "5m",
    };
    expect(from(environment)).toMatchObject({ accessTokenSecret: access, accessTokenTtl: 300 });
    const own = tokenSecret("own");
    const both = { ...environment, OSTIARY_ACCESS_TOKEN_SECRET: own, OSTIARY_ACCESS_TOKEN_TTL: "7m" };
    expect(from(both)).toMatchObject({ accessTokenSecret: own, accessTokenTtl: 420 });
  });

  it.each<[string, Environment, RegExp]>([
    ["short", { ACCESS_TOKEN_SECRET: "your-256-bit-secret", REFRESH_TOKEN_SECRET: refresh }, /^ACCESS_TOKEN_SECRET: is too weak for HS256: set it to the output of `npx ostiary secret --bytes 32`$/],
    ["a phrase", { JWT_SECRET: "my super secret key that nobody will ever guess", REFRESH_SECRET: refresh }, /^JWT_SECRET: is too weak for HS256/],
    ["too short for the algorithm", { OSTIARY_SIGNING_ALGORITHM: "HS512", JWT_ACCESS_SECRET: access, JWT_REFRESH_SECRET: refresh }, /^JWT_ACCESS_SECRET: is too weak for HS512: .* --bytes 64`$/],
    ["weak for refresh tokens", { ACCESS_TOKEN_SECRET: access, REFRESH_TOKEN_SECRET: "changeme" }, /^REFRESH_TOKEN_SECRET: is too weak/],
    ["the same twice", { ACCESS_TOKEN_SECRET: access, REFRESH_TOKEN_SECRET: access }, /^ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET are the same/],
    ["for an algorithm with key pairs", { OSTIARY_ACCESS_TOKEN_SECRET: access, OSTIARY_SIGNING_ALGORITHM: "ES256" }, /^OSTIARY_ACCESS_TOKEN_SECRET cannot sign with ES256: set OSTIARY_SIGNING_ALGORITHM=HS256/],
  ])("that are %s are refused with their mend, and not repeated", (_, environment, problem) => {
    const problems = problemsOf(() => from(environment));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    for (const [name, value] of Object.entries(environment)) {
      if (!name.endsWith("ALGORITHM")) expect(problems[0]).not.toContain(value);
    }
  });

  it("a key is not published for longer than it signs", () => {
    const problems = problemsOf(() => from({ OSTIARY_KEY_ROTATION: "1h", OSTIARY_KEY_PUBLISH_AHEAD: "2h" }));
    expect(problems).toEqual([expect.stringMatching(/^OSTIARY_KEY_PUBLISH_AHEAD is longer than OSTIARY_KEY_ROTATION/)]);
  });
});

it("warns where the audit forgets who has ended all sessions while tokens of the system before may still live", () => {
  const adoptSession = () => null;
  const warnings = (config: OstiaryConfig) => startWarnings(inCode(config));
  expect(warnings({ adoptSession, auditRetention: "29d" })).toEqual([expect.stringContaining("OSTIARY_AUDIT_RETENTION")]);
  for (const fine of [{ adoptSession }, { adoptSession, auditRetention: "30d" }, { auditRetention: "1d" }]) {
    expect(warnings(fine)).toEqual([]);
  }
});

describe("in production", () => {
  const production = { NODE_ENV: "production" };
  const safe = { OSTIARY_SECRET: SECRET, OSTIARY_ISSUER: "https://id.example/auth" };

  it("what is only good for trying out is refused, all at once", () => {
    const problems = problemsOf(() => from({ ...production, OSTIARY_LIMITS: "off" }));
    expect(problems.map((problem) => problem.split(/[ =]/)[0])).toEqual(["OSTIARY_SECRET", "OSTIARY_ISSUER", "OSTIARY_LIMITS"]);
    expect(from({ OSTIARY_LIMITS: "off" }).production).toBe(false);
  });

  it.each([
    ["a missing secret", { ...safe, OSTIARY_SECRET: undefined }],
    ["a weak secret", { ...safe, OSTIARY_SECRET: "password" }],
    ["an http issuer", { ...safe, OSTIARY_ISSUER: "http://id.example/auth" }],
    ["limits that are off", { ...safe, OSTIARY_LIMITS: "off" }],
  ])("%s is refused", (_, environment) => {
    expect(problemsOf(() => from({ ...production, ...environment }))).toHaveLength(1);
  });

  it("what is safe starts", () => {
    expect(from({ ...production, ...safe })).toMatchObject({ production: true, secure: true });
  });
});
