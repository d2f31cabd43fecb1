import { generateKey } from "@ostiary/jwt";
import { expect, onTestFinished, test, vi } from "vitest";
import { serve } from "../test/http-server.ts";
import { startIssuer, type TestIssuer } from "../test/issuer.ts";
import { oauthMetadata, openIdMetadata } from "./issuers/issuer-address.ts";
import { createKeyCache, type KeyCacheOptions } from "./key-cache.ts";

const JSON_TYPE = { "content-type": "application/json" };
const DISCOVERY = "/auth/.well-known/openid-configuration";

function cacheOf(issuer: Pick<TestIssuer, "url">, options: Partial<KeyCacheOptions> = {}) {
  const time = { seconds: 1_800_000_000, pass: (seconds: number) => void (time.seconds += seconds) };
  const warnings: string[] = [];
  /** Every address asked for, noted at the moment of asking. */
  const fetched: string[] = [];
  const cache = createKeyCache({
    issuer: issuer.url,
    metadataUrls: [openIdMetadata(issuer.url)],
    algorithms: ["ES256", "RS256"],
    cooldownSeconds: 5,
    fetchTimeoutSeconds: 5,
    fetch: (url, init) => {
      fetched.push(url);
      return fetch(url, init);
    },
    clock: () => time.seconds * 1000,
    onWarning: (message) => void warnings.push(message),
    ...options,
  });
  onTestFinished(() => cache.close());
  return { cache, time, warnings, fetched };
}

const has = ({ cache }: ReturnType<typeof cacheOf>, issuer: TestIssuer, index = 0) =>
  cache.current().get(issuer.keys[index]!.keyId!) !== undefined;

/** A refresh in the background is over when a look that joins it is. */
const settled = async ({ cache }: ReturnType<typeof cacheOf>) => void (await cache.lookFurther());

test("keys are found by discovery, fetched once for all who ask at once, and not before anyone asks", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  expect(our.cache.current().size).toBe(0);
  expect(issuer.requests).toEqual([]);
  await Promise.all([our.cache.ready(), our.cache.ready(), our.cache.lookFurther(), our.cache.lookFurther()]);
  expect(issuer.requests).toEqual([DISCOVERY, "/auth/keys"]);
  expect(has(our, issuer)).toBe(true);
  expect(our.cache.status()).toEqual({ count: 1, fetchedAt: "2027-01-15T08:00:00.000Z", lastError: null });
});

test("a new key is found by one fetch, and only the keys are fetched again", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  issuer.keys.push(generateKey("ES256"));
  expect(await our.cache.lookFurther()).toBe(true);
  expect(has(our, issuer, 1)).toBe(true);
  expect(issuer.requests).toEqual([DISCOVERY, "/auth/keys", "/auth/keys"]);
});

test("a thousand unknown keys a second cost one fetch per cooldown", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  issuer.requests.length = 0;
  for (let second = 0; second < 20; second++) {
    await Promise.all(Array.from({ length: 1000 }, () => our.cache.lookFurther()));
    our.time.pass(1);
  }
  expect(issuer.requests).toHaveLength(4);
  our.time.pass(-1000);
  await our.cache.lookFurther();
  expect(issuer.requests).toHaveLength(5);
});

test("keys are refreshed in the background when their max-age is over, and a removed key is forgotten", async () => {
  const issuer = await startIssuer();
  issuer.cacheControl = "public, max-age=60";
  issuer.keys.push(generateKey("ES256"));
  const our = cacheOf(issuer);
  await our.cache.ready();
  const removed = issuer.keys.pop()!;
  our.time.pass(59);
  expect(our.cache.current().get(removed.keyId!)).toBeDefined();
  expect(issuer.requests).toHaveLength(2);
  our.time.pass(1);
  our.cache.current();
  await settled(our);
  expect(our.cache.current().get(removed.keyId!)).toBeUndefined();
  expect(issuer.requests).toHaveLength(3);
});

test("an idle guard refreshes too, so that a removed key does not wait for the next request", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  issuer.keys = [generateKey("ES256")];
  our.time.pass(300);
  vi.advanceTimersByTime(10_000);
  await settled(our);
  expect(issuer.requests).toHaveLength(3);
  expect(has(our, issuer)).toBe(true);
  our.cache.close();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [undefined, 300],
  ["max-age=0", 5],
  ["max-age=999999", 3600],
])("freshness by Cache-Control %s lasts %i seconds", async (cacheControl, seconds) => {
  const issuer = await startIssuer();
  issuer.cacheControl = cacheControl;
  const our = cacheOf(issuer);
  await our.cache.ready();
  our.time.pass(seconds - 1);
  our.cache.current();
  expect(our.fetched).toHaveLength(2);
  our.time.pass(1);
  for (let i = 0; i < 10; i++) our.cache.current();
  expect(our.fetched).toHaveLength(3);
  await settled(our);
  expect(our.fetched).toHaveLength(3);
});

test("a refresh that fails is tried again after the cooldown, and finds keys that have moved", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  issuer.answer = (_, res) => void res.writeHead(404).end();
  our.time.pass(300);
  our.cache.current();
  await settled(our);
  for (let i = 0; i < 10; i++) our.cache.current();
  expect(our.fetched).toHaveLength(3);
  const key = generateKey("ES256");
  issuer.keys = [key];
  issuer.answer = (req, res) => {
    const document = req.url === DISCOVERY ? { issuer: issuer.url, jwks_uri: `${issuer.url}/moved` } : { keys: [key.publicJwk()] };
    res.writeHead(200, JSON_TYPE).end(JSON.stringify(document));
  };
  our.time.pass(5);
  our.cache.current();
  await settled(our);
  expect(our.fetched.slice(3)).toEqual([`${issuer.url}/.well-known/openid-configuration`, `${issuer.url}/moved`]);
  expect(has(our, issuer)).toBe(true);
});

test("an unchanged document keeps the same key objects", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  const before = our.cache.current();
  expect(await our.cache.lookFurther()).toBe(false);
  expect(our.cache.current()).toBe(before);
});

test.each([
  ["answers 500", (_: unknown, res) => void res.writeHead(500).end()],
  ["hangs up", (_: unknown, res) => void res.destroy()],
  ["redirects", (_: unknown, res) => void res.writeHead(302, { location: "http://127.0.0.1:9/" }).end()],
  ["sends a page", (_: unknown, res) => void res.writeHead(200, { "content-type": "text/html" }).end("<p>")],
  ["sends 50 MB", (_: unknown, res) => void res.writeHead(200, JSON_TYPE).end(Buffer.alloc(50_000_000, " "))],
  ["sends no key set", (_: unknown, res) => void res.writeHead(200, JSON_TYPE).end('{"error":"oops"}')],
  ["sends a bare list", (_: unknown, res) => void res.writeHead(200, JSON_TYPE).end("[]")],
  ["sends null", (_: unknown, res) => void res.writeHead(200, JSON_TYPE).end("null")],
  ["sends nested arrays", (_: unknown, res) => void res.writeHead(200, JSON_TYPE).end("[".repeat(200_000) + "]".repeat(200_000))],
] satisfies [string, NonNullable<TestIssuer["answer"]>][])(
  "the last good keys go on working while the issuer %s",
  async (_, answer) => {
    const issuer = await startIssuer();
    const our = cacheOf(issuer);
    await our.cache.ready();
    issuer.answer = answer;
    for (let i = 0; i < 5; i++) {
      our.time.pass(300);
      our.cache.current();
      await our.cache.lookFurther();
      expect(has(our, issuer)).toBe(true);
    }
    expect(our.cache.status().lastError).toEqual(expect.any(String));
    // Once for the keys, once for the discovery that is tried again then; not once per failure.
    expect(our.warnings.length).toBeLessThanOrEqual(2);
    issuer.answer = undefined;
    our.time.pass(5);
    our.cache.current();
    await settled(our);
    expect(our.cache.status().lastError).toBeNull();
  },
);

test("an issuer that hangs delays nobody whose key is known", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer, { fetchTimeoutSeconds: 0.05 });
  await our.cache.ready();
  issuer.answer = () => {};
  our.time.pass(300);
  expect(has(our, issuer)).toBe(true);
  await settled(our);
  expect(has(our, issuer)).toBe(true);
  expect(our.cache.status().lastError).toContain("did not answer within 0.05 s");
});

test("the last good keys are trusted for a day without the issuer, and no longer", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  issuer.answer = (_, res) => void res.writeHead(500).end();
  our.time.pass(24 * 3600);
  our.cache.current();
  await settled(our);
  expect(has(our, issuer)).toBe(true);
  our.time.pass(6);
  await expect(our.cache.lookFurther()).rejects.toMatchObject({ status: 503, error: "unavailable" });
  expect(our.cache.current().size).toBe(0);
});

test("a first fetch that fails is 503 for a second, and then tried again", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  issuer.answer = (_, res) => void res.writeHead(500).end();
  for (let i = 0; i < 100; i++) {
    await expect(our.cache.lookFurther()).rejects.toMatchObject({ status: 503, headers: { "Retry-After": "1" } });
  }
  expect(issuer.requests).toHaveLength(1);
  issuer.answer = undefined;
  our.time.pass(1);
  expect(await our.cache.lookFurther()).toBe(true);
});

test("ready goes on trying until the issuer is there", async () => {
  const probe = await startIssuer();
  const { port } = new URL(probe.url);
  const url = probe.url.replace(port, String(await freePort()));
  const tries: number[] = [];
  let late: TestIssuer | undefined;
  const our = cacheOf(
    { url },
    {
      delay: async (milliseconds) => {
        tries.push(milliseconds);
        if (tries.length === 3) late = await startIssuer({ port: Number(new URL(url).port) });
      },
    },
  );
  await our.cache.ready();
  expect(tries).toEqual([1000, 1000, 1000]);
  expect(has(our, late!)).toBe(true);
  expect(our.warnings).toHaveLength(1);
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

test("closing ends waiting and fetching; what is known goes on being used", async () => {
  const hanging = cacheOf({ url: `${await serve(() => {})}/auth` });
  const ready = hanging.cache.ready();
  hanging.cache.close();
  await expect(ready).rejects.toThrow("The guard is closed");
  expect(hanging.warnings).toEqual([]);

  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  await our.cache.ready();
  our.cache.close();
  our.time.pass(1_000_000);
  expect(has(our, issuer)).toBe(true);
  expect(await our.cache.lookFurther()).toBe(false);
  expect(our.fetched).toHaveLength(2);
});

test.each([
  ["no issuer", { jwks_uri: "{url}/keys" }],
  ["an issuer that is ours but for a slash", { issuer: "{url}/", jwks_uri: "{url}/keys" }],
  ["an issuer that only begins like ours", { issuer: "{url}2", jwks_uri: "{url}/keys" }],
  ["an issuer in an array", { issuer: ["{url}"], jwks_uri: "{url}/keys" }],
  ["no key location", { issuer: "{url}" }],
  ["a key file", { issuer: "{url}", jwks_uri: "file:///etc/passwd" }],
  ["key data", { issuer: "{url}", jwks_uri: 'data:application/json,{"keys":[]}' }],
  ["keys over plain http elsewhere", { issuer: "{url}", jwks_uri: "http://keys.example/jwks" }],
  ["keys with a password", { issuer: "{url}", jwks_uri: "https://a:b@keys.example/jwks" }],
  ["null", null],
])("a discovery document with %s gives no keys", async (_, document) => {
  const issuer = await startIssuer();
  issuer.answer = (__, res) => {
    res.writeHead(200, JSON_TYPE).end(JSON.stringify(document).replaceAll("{url}", issuer.url));
  };
  const our = cacheOf(issuer);
  await expect(our.cache.lookFurther()).rejects.toMatchObject({ status: 503 });
  expect(our.fetched).toEqual([`${issuer.url}/.well-known/openid-configuration`]);
});

test("an https issuer cannot send a guard to a loopback address over http", async () => {
  const document = { issuer: "https://auth.example", jwks_uri: "http://localhost:6379/" };
  const fetched: string[] = [];
  const our = cacheOf(
    { url: "https://auth.example" },
    {
      fetch: (url) => {
        fetched.push(url);
        return Promise.resolve(Response.json(document));
      },
    },
  );
  await expect(our.cache.lookFurther()).rejects.toMatchObject({ status: 503 });
  expect(fetched).toHaveLength(1);
});

test("one bad member never spoils the set", async () => {
  const issuer = await startIssuer();
  const good = issuer.keys[0]!.publicJwk();
  const keys = [
    { kty: "RSA", n: "AQAB", e: "AQAB", kid: "weak" },
    { kty: "RSA", n: "%%%", e: "AQAB", kid: "broken" },
    { kty: "nonsense", kid: "unknown" },
    { kty: "oct", k: "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI", alg: "HS256", kid: "secret" },
    null,
    7,
    "key",
    [],
    good,
    generateKey("ES256").privateJwk(),
    generateKey("ES384").publicJwk(),
  ];
  issuer.answer = (req, res) => {
    const document = req.url === DISCOVERY ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` } : { keys };
    res.writeHead(200, JSON_TYPE).end(JSON.stringify(document));
  };
  const our = cacheOf(issuer);
  await our.cache.ready();
  expect(has(our, issuer)).toBe(true);
  expect(our.cache.current().get("secret")).toBeUndefined();
  expect(our.cache.current().size).toBe(1);
  expect(our.warnings).toHaveLength(1);
  expect(our.warnings[0]).toContain("10 of the keys");
});

test("an issuer without a usable key is not ready, but one that withdraws its keys is believed", async () => {
  const issuer = await startIssuer();
  const keys = issuer.keys;
  issuer.keys = [];
  const our = cacheOf(issuer);
  await expect(our.cache.lookFurther()).rejects.toMatchObject({ status: 503 });
  expect(our.cache.status().lastError).toContain("no key that can be used");
  issuer.keys = keys;
  our.time.pass(1);
  expect(await our.cache.lookFurther()).toBe(true);
  issuer.keys = [];
  our.time.pass(300);
  our.cache.current();
  await expect(settled(our)).rejects.toMatchObject({ status: 503 });
  expect(our.cache.current().size).toBe(0);
});

test("keys for encryption are passed over without a word", async () => {
  const issuer = await startIssuer();
  issuer.answer = (req, res) => {
    const encryption = { ...generateKey("RS256").publicJwk(), use: "enc", alg: "RSA-OAEP" };
    const keys = [encryption, issuer.keys[0]!.publicJwk()];
    const document = req.url === DISCOVERY ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` } : { keys };
    res.writeHead(200, JSON_TYPE).end(JSON.stringify(document));
  };
  const our = cacheOf(issuer);
  await our.cache.ready();
  expect([our.cache.status().count, our.warnings]).toEqual([1, []]);
});

test("metadata is looked for where OpenID Connect has it, then where RFC 8414 has it, and must name the issuer there too", async () => {
  const issuer = await startIssuer();
  const metadata = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
  issuer.routes.set(DISCOVERY, (_, res) => void res.writeHead(404).end());
  issuer.routes.set("/.well-known/oauth-authorization-server/auth", (_, res) => {
    res.writeHead(200, JSON_TYPE).end(JSON.stringify(metadata));
  });
  const urls = { metadataUrls: [openIdMetadata(issuer.url), oauthMetadata(issuer.url)] };
  const our = cacheOf(issuer, urls);
  await our.cache.ready();
  expect(issuer.requests).toEqual([DISCOVERY, "/.well-known/oauth-authorization-server/auth", "/auth/keys"]);
  metadata.issuer += "2";
  await expect(cacheOf(issuer, urls).cache.lookFurther()).rejects.toMatchObject({ status: 503 });
  issuer.routes.delete("/.well-known/oauth-authorization-server/auth");
  const neither = cacheOf(issuer, urls);
  await expect(neither.cache.lookFurther()).rejects.toMatchObject({ status: 503 });
  expect(neither.cache.status().lastError).toBe(`${openIdMetadata(issuer.url)} answered 404`);
});

test("keys whose place is known are fetched without discovery", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer, { jwksUri: `${issuer.url}/keys`, metadataUrls: [] });
  await our.cache.ready();
  expect(issuer.requests).toEqual(["/auth/keys"]);
});

test("an issuer that shows other keys at every turn gets one fetch per cooldown, and only its last word counts", async () => {
  const issuer = await startIssuer();
  const our = cacheOf(issuer);
  const seen: string[] = [];
  issuer.routes.set("/auth/keys", (_, res) => {
    issuer.keys = [generateKey("ES256")];
    seen.push(issuer.keys[0]!.keyId!);
    res.writeHead(200, { ...JSON_TYPE, "cache-control": "max-age=0" }).end(JSON.stringify({ keys: [issuer.keys[0]!.publicJwk()] }));
  });
  await our.cache.ready();
  for (let second = 0; second < 60; second++) {
    our.time.pass(1);
    our.cache.current();
    await settled(our);
  }
  expect(seen.length).toBeLessThanOrEqual(1 + 2 * 12);
  expect(our.cache.status().count).toBe(1);
  expect(our.cache.current().get(seen.at(-1)!)).toBeDefined();
  expect(our.cache.current().get(seen.at(-2)!)).toBeUndefined();
});

test("different keys under one kid are none, and the others work", async () => {
  const issuer = await startIssuer();
  const [one, two] = [generateKey("ES256", { keyId: "twice" }), generateKey("ES256", { keyId: "twice" })];
  issuer.keys.push(one, two);
  const our = cacheOf(issuer);
  await our.cache.ready();
  expect(our.cache.current().get("twice")).toBeUndefined();
  expect(has(our, issuer)).toBe(true);
  expect(our.warnings).toEqual([expect.stringContaining("2 of the keys")]);
});

test("an issuer that ends in a slash is discovered below it, as OpenID Connect has it", async () => {
  const requests: (string | undefined)[] = [];
  const origin = await serve((req, res) => {
    requests.push(req.url);
    res.writeHead(200, JSON_TYPE).end(JSON.stringify({ issuer: `${origin}/`, jwks_uri: `${origin}/keys` }));
  });
  await expect(cacheOf({ url: `${origin}/` }).cache.lookFurther()).rejects.toMatchObject({ status: 503 });
  expect(requests).toEqual(["/.well-known/openid-configuration", "/keys"]);
});
