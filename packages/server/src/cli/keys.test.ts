import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { generateKey } from "@ostiary/jwt";
import { decodeProtectedHeader } from "jose";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ostiary, ostiaryJson } from "../../test/command.ts";
import { ISSUER, SECRET, TestClient, startTestServer, temporaryFile } from "../../test/test-server.ts";

interface KeyBody {
  kid: string;
  purpose: string;
  algorithm: string;
  state: string;
  activatesAt: string | null;
}

let client: TestClient;
let accessToken: string;
let refreshToken: string | undefined;
beforeEach(async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  vi.stubEnv("OSTIARY_DATABASE_URL", databaseUrl);
  vi.stubEnv("OSTIARY_SECRET", SECRET);
  vi.stubEnv("OSTIARY_ISSUER", ISSUER);
  // Beside a running server, with the clock they share.
  client = new TestClient(await startTestServer({ databaseUrl, clock: Date.now }));
  ({ accessToken, refreshToken } = await client.signup("ada@example.com", { delivery: "body" }));
  return () => vi.unstubAllEnvs();
});

const kidOf = (token: string) => decodeProtectedHeader(token).kid!;
const list = (...options: string[]) => ostiaryJson<KeyBody>("keys", "list", ...options);
const stateOf = async (kid: string) => (await list("--all")).find((key) => key.kid === kid)?.state;

/** The kid that the running server signs with, once it has noticed. */
const signsWith = async () => {
  const { body } = await client.refresh(refreshToken);
  ({ refreshToken } = body);
  return kidOf(body.accessToken);
};

describe("ostiary keys list", () => {
  it("tells people what signs, what comes next and when, what verifies until when", async () => {
    await ostiary("keys", "rotate");
    const { code, out, err } = await ostiary("keys", "list");
    expect([code, err]).toEqual([0, ""]);
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`;
    expect(out).toMatch(
      new RegExp(
        `^access tokens\n` +
          `  [\\w-]{43}  ES256    retiring  signed from ${time} to ${time}, verifies until ${time}\n` +
          `  [\\w-]{43}  ES256    active    signs since ${time}\n` +
          `  [\\w-]{43}  ES256    upcoming  there since ${time}, signs from ${time}\n\n` +
          `refresh tokens\n(?: {2}[\\w-]{22} {23}HS256.*\n){2}\n` +
          `CSRF tokens and sign-in cookies\n {2}[\\w-]{22} {23}HS256    active    signs since ${time}\n$`,
      ),
    );
  });

  it("as JSON, one key a line, and nothing that could make a token", async () => {
    const keys = await list();
    expect(keys).toHaveLength(5);
    const { kid, ...signing } = keys.find(({ purpose, state }) => purpose === "access" && state === "active")!;
    expect(kid).toBe(kidOf(accessToken));
    expect(signing).toEqual({
      purpose: "access",
      algorithm: "ES256",
      origin: "generated",
      state: "active",
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      activatesAt: null,
      activatedAt: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      retiredAt: null,
      goneAt: null,
      compromised: false,
    });
  });
});

describe("ostiary keys rotate, beside a running server", () => {
  it("lets the next key sign; the server follows, and what was signed before stays good", async () => {
    const { out } = await ostiary("keys", "rotate");
    expect(out).toMatch(/^[\w-]{43} signs now\. What the key before has signed goes on being good until it expires\.\n$/);
    await expect.poll(signsWith, { timeout: 5000, interval: 50 }).not.toBe(kidOf(accessToken));
    expect((await client.me(accessToken)).status).toBe(200);
  });

  it("a second time at once says from when the next one signs; --now does not wait", async () => {
    await ostiary("keys", "rotate");
    const { out } = await ostiary("keys", "rotate");
    expect(out).toMatch(/^[\w-]{43} is published, and signs from 20\d\d-.*Z\. Until then, the key before does\.\n$/);
    const [next] = await ostiaryJson<KeyBody>("keys", "rotate", "--now");
    expect(next).toMatchObject({ state: "active" });
  });

  it("--refresh changes the refresh key, and nobody is signed out", async () => {
    const before = kidOf(refreshToken!);
    const [next] = await ostiaryJson<KeyBody>("keys", "rotate", "--refresh");
    expect(next).toMatchObject({ purpose: "refresh", state: "active" });
    await expect.poll(async () => (await signsWith(), kidOf(refreshToken!)), { timeout: 5000, interval: 50 }).toBe(next?.kid);
    expect(await stateOf(before)).toBe("retiring");
  });

  it("--compromised takes the key out: the server refuses what it signed, and signs with another", async () => {
    const { code, out } = await ostiary("keys", "rotate", "--compromised");
    expect(code).toBe(0);
    expect(out).toMatch(/^Taken out: [\w-]{43}\. [\w-]{43} signs now\.\nGuards that follow revocations refuse .* 300 seconds at the latest\.\n$/);
    await expect.poll(async () => (await client.me(accessToken)).status, { timeout: 5000, interval: 20 }).toBe(401);
    expect(await signsWith()).not.toBe(kidOf(accessToken));
    expect(await stateOf(kidOf(accessToken))).toBe("gone");
    expect((await list()).map(({ kid }) => kid)).not.toContain(kidOf(accessToken));
  });

  it("--compromised --all leaves no access key of before", async () => {
    const before = (await list()).filter(({ purpose }) => purpose === "access").map(({ kid }) => kid);
    await ostiary("keys", "rotate", "--compromised", "--all");
    const after = (await list()).filter(({ purpose }) => purpose === "access");
    expect(after.map(({ state }) => state)).toEqual(expect.arrayContaining(["active", "upcoming"]));
    expect(after.filter(({ kid }) => before.includes(kid))).toEqual([]);
  });

  it.each([[["--all"]], [["--compromised", "--now"]], [["--compromised", "--refresh"]]])("%j is wrong use", async (options) => {
    expect(await ostiary("keys", "rotate", ...options)).toMatchObject({ code: 2, out: "" });
  });
});

describe("ostiary keys retire", () => {
  it("is a rotation for the key that signs; with --compromised it goes at once", async () => {
    const kid = kidOf(accessToken);
    expect((await ostiary("keys", "retire", kid)).out).toMatch(/^[\w-]{43} {2}ES256 {4}retiring {2}signed from /);
    const [gone] = await ostiaryJson<KeyBody>("keys", "retire", kid, "--compromised");
    expect(gone).toMatchObject({ kid, state: "gone", compromised: true });
  });

  it("of a key that is not there fails with one sentence", async () => {
    expect(await ostiary("keys", "retire", "none")).toEqual({ code: 1, out: "", err: "There is no key none that could be taken out.\n" });
  });
});

describe("ostiary keys import", () => {
  const file = (content: string) => {
    const path = temporaryFile("private.pem");
    writeFileSync(path, content);
    return path;
  };
  const pem = (namedCurve = "P-256", type: "pkcs8" | "sec1" = "pkcs8") =>
    generateKeyPairSync("ec", { namedCurve }).privateKey.export({ format: "pem", type }).toString();

  it("takes PEM, under the given id; the server signs with it", async () => {
    const { out } = await ostiary("keys", "import", file(pem()), "--key-id", "ours", "--now");
    expect(out).toMatch(/^ours signs now\. /);
    await expect.poll(signsWith, { timeout: 5000, interval: 50 }).toBe("ours");
  });

  it("publishes it first unless it is told not to; its id is the thumbprint unless one is given", async () => {
    const key = generateKey("ES256");
    const [imported] = await ostiaryJson<KeyBody>("keys", "import", file(JSON.stringify(key.privateJwk())));
    expect(imported).toMatchObject({ kid: key.keyId, state: "upcoming", origin: "imported" });
    expect(Date.parse(imported!.activatesAt!) - Date.now()).toBeGreaterThan(9 * 60_000);
    const [other] = await ostiaryJson<KeyBody>("keys", "import", file(pem("P-256", "sec1")));
    expect(other?.kid).toMatch(/^[\w-]{43}$/);
  });

  it.each<[string, () => string, RegExp]>([
    ["of another curve", () => pem("P-384"), /^The key cannot be used for ES256: .*curve/],
    ["that is too weak", () => generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ format: "pem", type: "pkcs8" }).toString(), /^The key cannot be used for ES256: /],
    ["that is public", () => generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "pem", type: "spki" }).toString(), /^This is a public key: import the private one\.$/],
    ["of another algorithm", () => JSON.stringify(generateKey("Ed25519").privateJwk()), /^The key is for Ed25519, .*set OSTIARY_SIGNING_ALGORITHM=Ed25519, restart/],
    ["that is no key", () => "hello", /^The key cannot be used for ES256: .*PEM/],
    ["that is no JWK", () => "{", /^The file is neither PEM nor a JWK\.$/],
  ])("refuses a key %s in one sentence", async (_, content, why) => {
    const { code, out, err } = await ostiary("keys", "import", file(content()));
    expect([code, out]).toEqual([1, ""]);
    expect(err.trimEnd()).toMatch(why);
    expect(err).not.toContain("PRIVATE KEY");
  });

  it("a file that is not there is one sentence", async () => {
    expect(await ostiary("keys", "import", "/nowhere.pem")).toMatchObject({ code: 1, err: expect.stringMatching(/^\/nowhere\.pem cannot be read \(ENOENT.*\)\.\n$/) as unknown });
  });
});
