import fc from "fast-check";
import { expect, it } from "vitest";
import { ISSUER, PASSWORD, startSignedIn } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import { errorResponseBody } from "./fields.ts";
import { routesOf } from "./routes/routes.ts";

/** What an attacker can write into a header: Latin-1 without controls. */
const headerValue = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from("abcxyzABC019 ,;=:\"'%\\/.<>()[]{}@+-_*\t\u00e9\u00ff")),
    fc.integer({ min: 0xa1, max: 0xff }).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 120,
});

const FIELDS = ["email", "password", "name", "remember", "delivery", "refreshToken", "currentPassword", "newPassword"];
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.string({ maxLength: 30 }), fc.emailAddress());
const value = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(PASSWORD, "ada@example.com", "body", "cookie", "\ud800", "__proto__") },
  { weight: 2, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.constantFrom(1e308, -0, Number.MAX_SAFE_INTEGER, null, true) },
);
const fieldsBody = fc.dictionary(fc.constantFrom(...FIELDS, "__proto__", "constructor", "toString"), value);
const body = fc.oneof(
  { weight: 5, arbitrary: fieldsBody.map((fields) => JSON.stringify(fields)) },
  { weight: 1, arbitrary: fc.jsonValue().map((any) => JSON.stringify(any)) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 100 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
  { weight: 2, arbitrary: fc.constant(undefined) },
);

const paths = routesOf("/auth").map(({ path, at }) => (at === "server" ? path : `/auth${path}`));
const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...paths) },
  {
    weight: 2,
    arbitrary: fc
      .string({ unit: "binary", maxLength: 60 })
      .map((id) => `/auth/sessions/${encodeURIComponent(id.toWellFormed())}`),
  },
  { weight: 1, arbitrary: fc.webPath().map((any) => `/auth${any}`) },
  { weight: 1, arbitrary: headerValue.map((any) => `/auth/${any}?${any}#${any}`) },
);

interface Secrets {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly csrfToken: string;
  readonly cookie: string;
}

function headersFrom(secrets: Secrets) {
  const broken = (token: string) =>
    fc.tuple(fc.nat(token.length), headerValue).map(([at, junk]) => token.slice(0, at) + junk + token.slice(at + 1));
  const token = fc.oneof(
    fc.constant(secrets.accessToken),
    broken(secrets.accessToken),
    broken(secrets.refreshToken),
    headerValue,
  );
  return fc.record(
    {
      "content-type": fc.oneof({ weight: 4, arbitrary: fc.constant("application/json") }, headerValue),
      authorization: fc.oneof(token.map((any) => `Bearer ${any}`), headerValue),
      cookie: fc.oneof(fc.constant(secrets.cookie), broken(secrets.cookie), headerValue),
      origin: fc.oneof(fc.constantFrom("http://localhost:4000", "null", "https://evil.example"), headerValue),
      "x-csrf-token": fc.oneof(fc.constant(secrets.csrfToken), headerValue),
      "sec-fetch-site": fc.oneof(fc.constantFrom("same-origin", "cross-site", "none"), headerValue),
      "idempotency-key": headerValue,
      "user-agent": headerValue,
      "content-length": fc.oneof(fc.nat().map(String), headerValue),
      "access-control-request-method": headerValue,
      "x-forwarded-for": headerValue,
      "transfer-encoding": headerValue,
    },
    { requiredKeys: [] },
  );
}

async function expectTypedAnswer(server: TestServer, response: Response): Promise<void> {
  expect(response.status).toBeLessThan(500);
  expect(server.reported).toEqual([]);
  const answer = await response.text();
  if (response.status < 400 || answer === "") return;
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(errorResponseBody.strict().safeParse(JSON.parse(answer)).error).toBeUndefined();
  if (response.status === 401) {
    expect(response.headers.get("www-authenticate")).toMatch(/^(?:Bearer|Basic realm="http:\/\/localhost:4000\/auth"$)/);
  }
}

it("never a 500 for what a caller sent: every answer is a success or stands in the error table", async () => {
  const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
  await client.login();
  const secrets = {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken!,
    csrfToken: client.jar.get("ostiary_csrf")!,
    cookie: client.cookies(),
  };
  const method = fc.constantFrom("GET", "POST", "POST", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT", "QUERY");
  const request = fc.record({ method, path, headers: headersFrom(secrets), body });
  await fc.assert(
    fc.asyncProperty(request, async (drawn) => {
      const takesBody = drawn.method !== "GET" && drawn.method !== "HEAD";
      const init: RequestInit = { method: drawn.method, headers: drawn.headers };
      if (takesBody && drawn.body !== undefined) init.body = drawn.body as string;
      await expectTypedAnswer(server, await server.fetch(new Request(new URL(drawn.path, ISSUER), init)));
    }),
    { numRuns: fc.readConfigureGlobal().numRuns ?? 1500 },
  );
});

it("a User-Agent of any form is read in no time", async () => {
  const { server, client } = await startSignedIn({}, { delivery: "body" });
  const words = ["Mozilla/5.0 ", "(", ";", "Chrome/", "1.", " ", "Android", "Version/", "like Mac OS X", "Opera", "x", "\t"];
  const userAgents = [
    ...words.map((word) => word.repeat(512 / word.length)),
    ...words.flatMap((a) => words.map((b) => (a + b).repeat(512 / (a + b).length))),
  ];
  const started = performance.now();
  for (const userAgent of userAgents) {
    await client.call("POST", "/refresh", { body: { refreshToken: "x" }, headers: { "user-agent": userAgent } });
    await client.call("POST", "/login", { body: { email: "x", password: "x" }, headers: { "user-agent": userAgent } });
  }
  expect(performance.now() - started).toBeLessThan(5000);
  expect(server.reported).toEqual([]);
});
