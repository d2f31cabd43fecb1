import type { RequestListener } from "node:http";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { CLIENT, startFeed } from "../test/feed-server.ts";
import { follow, until, type Following } from "../test/following.ts";
import { AUDIENCE, refusalOf } from "../test/issuer.ts";
import { errorResponse, GuardError } from "./index.ts";
import { createGuard } from "./create-guard.ts";

const stale = { status: 503, error: "unavailable", reason: "revocation_feed_stale" };

/** The feed is lost, and stays so until `recover`. */
async function lose(our: Following): Promise<void> {
  our.feed.answer = (_, response) => void response.destroy();
  our.feed.cut();
  await until(() => !our.status().connected);
  for (let i = 0; i < 60; i++) {
    our.pass(100);
    await until(() => true);
  }
}

async function recover(our: Following): Promise<void> {
  our.feed.answer = undefined;
  await our.reconnected();
}

/** Answers introspection by the feed's log; counts. */
function introspection(our: Following, answer?: RequestListener) {
  const asked: { authorization: string | undefined; type: string | undefined; body: string }[] = [];
  our.feed.issuer.routes.set("/auth/oauth/introspect", (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      asked.push({ authorization: request.headers.authorization, type: request.headers["content-type"], body });
      if (answer !== undefined) return answer(request, response);
      const token = new URLSearchParams(body).get("token") ?? "";
      const { sid } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { sid: string };
      const active = !our.feed.log.some(({ value }) => value === sid);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ active }));
    });
  });
  return asked;
}

const json = (status: number, body: string): RequestListener => (_, response) =>
  void response.writeHead(status, { "content-type": "application/json" }).end(body);

test("a guard that is cut off longer than its limit fails closed, with Retry-After, and recovers by itself", async () => {
  const our = await follow();
  await our.guard.ready();
  const token = our.token();
  await our.guard.verify(token);
  our.feed.answer = (_, response) => void response.destroy();
  our.feed.cut();
  await until(() => !our.status().connected);
  our.pass(4999);
  await our.guard.verify(token);
  our.pass(1);
  const refusal: unknown = await our.guard.verify(token).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(GuardError);
  const response = errorResponse(refusal as GuardError);
  expect([response.status, response.headers.get("retry-after"), response.headers.get("cache-control")]).toEqual([503, "1", "no-store"]);
  expect(response.headers.has("www-authenticate")).toBe(false);
  expect(await response.json()).toEqual({
    error: "unavailable",
    reason: "revocation_feed_stale",
    error_description: "Whether the access token was revoked cannot be known at the moment.",
  });
  await recover(our);
  await our.guard.verify(token);
});

test("a bad token is refused for what it is, also when nothing is known of revocations", async () => {
  const our = await follow();
  await our.guard.ready();
  our.feed.revoke("session-1");
  await our.live(1);
  const [known, expired] = [our.token("session-1"), our.token("session-2", { exp: our.feed.seconds - 1 })];
  await lose(our);
  expect((await refusalOf(our.guard.verify("nonsense"))).reason).toBe("token_malformed");
  expect((await refusalOf(our.guard.verify(expired))).reason).toBe("token_expired");
  expect((await refusalOf(our.guard.verify(known))).reason).toBe("session_revoked");
  expect(await refusalOf(our.guard.verify(our.token("session-3")))).toEqual(stale);
});

test("loss and return are told once each", async () => {
  const our = await follow();
  await our.guard.ready();
  await our.live(2);
  await lose(our);
  await lose(our);
  expect(our.warnings).toEqual([
    `The guard of ${our.feed.issuer.url} cannot see what is revoked: its feed failed: ECONNRESET; ` +
      "requests are answered with 503 until it can",
  ]);
  await recover(our);
  await our.live(10);
  expect(our.warnings.slice(1)).toEqual([`The guard of ${our.feed.issuer.url} sees again what is revoked`]);
});

test("a short cut is told to nobody", async () => {
  const our = await follow();
  await our.guard.ready();
  for (let i = 0; i < 5; i++) {
    our.feed.cut();
    await until(() => !our.status().connected);
    await our.reconnected();
    await our.live(2);
  }
  expect(our.warnings).toEqual([]);
});

test("accept: tokens pass though nothing is known, and it is told at once, each minute, and when it is over", async () => {
  const our = await follow({ whenStale: "accept" });
  await our.guard.ready();
  await lose(our);
  await our.guard.verify(our.token());
  expect(our.warnings).toEqual([expect.stringContaining("TOKENS ARE ACCEPTED")]);
  for (let i = 0; i < 120; i++) {
    our.pass(1000);
    await until(() => true);
  }
  expect(our.warnings).toHaveLength(3);
  our.feed.revoke("session-1");
  await recover(our);
  expect(our.warnings).toHaveLength(4);
  expect(our.warnings[3]).toContain("sees again");
  our.pass(500);
  expect((await refusalOf(our.guard.verify(our.token()))).reason).toBe("session_revoked");
  for (let i = 0; i < 5; i++) await our.live(30);
  expect(our.warnings).toHaveLength(4);
});

test("accept: a guard that has never had the feed waits for one try, then lets tokens pass and says so", async () => {
  const feed = await startFeed();
  feed.answer = (_, response) => void response.writeHead(500).end();
  const our = await follow({ feed, whenStale: "accept" });
  await our.guard.verify(our.token());
  expect(our.warnings).toEqual([expect.stringContaining("its feed answered 500; TOKENS ARE ACCEPTED")]);
});

test("introspect: the server is asked, as RFC 7662 has it, and its word counts", async () => {
  const our = await follow({ whenStale: "introspect" });
  const asked = introspection(our);
  await our.guard.ready();
  const token = our.token("session-1");
  await our.guard.verify(token);
  expect(asked).toEqual([]);
  await lose(our);
  await our.guard.verify(token);
  const basic = Buffer.from("api:a+secret%3A+with+%C3%BCnusual%2Fcharacters%2B");
  expect(asked).toEqual([
    {
      authorization: `Basic ${basic.toString("base64")}`,
      type: "application/x-www-form-urlencoded;charset=UTF-8",
      body: `token=${token}&token_type_hint=access_token&explain=true`,
    },
  ]);
  our.feed.revoke("session-2");
  expect(await refusalOf(our.guard.verify(our.token("session-2")))).toEqual({
    status: 401,
    error: "invalid_token",
    reason: "token_revoked",
  });
});

test("introspect: one question for all requests of a second with the same token, and none for a bad one", async () => {
  const our = await follow({ whenStale: "introspect" });
  const asked = introspection(our);
  await our.guard.ready();
  const [one, two] = [our.token("session-1"), our.token("session-2")];
  await lose(our);
  await Promise.all(Array.from({ length: 100 }, (_, i) => our.guard.verify(i % 2 === 0 ? one : two)));
  expect(asked).toHaveLength(2);
  our.clock.monotonic += 999;
  await our.guard.verify(one);
  expect(asked).toHaveLength(2);
  our.feed.revoke("session-1");
  our.clock.monotonic += 1;
  expect((await refusalOf(our.guard.verify(one))).reason).toBe("token_revoked");
  expect(asked).toHaveLength(3);
  await refusalOf(our.guard.verify("nonsense"));
  expect(asked).toHaveLength(3);
});

test.each([
  [{ active: false, reason: "token_stale" }, "token_stale"],
  [{ active: false, reason: "session_revoked" }, "session_revoked"],
  [{ active: false, reason: "token_revoked" }, "token_revoked"],
  // Not every server says why, and no server makes us say anything else.
  [{ active: false }, "token_revoked"],
  [{ active: false, reason: "missing_token" }, "token_revoked"],
  [{ active: false, reason: { toString: "token_stale" } }, "token_revoked"],
])("introspect: %j is told as %s", async (answer, reason) => {
  const our = await follow({ whenStale: "introspect" });
  introspection(our, json(200, JSON.stringify(answer)));
  await our.guard.ready();
  await lose(our);
  expect(await refusalOf(our.guard.verify(our.token()))).toEqual({ status: 401, error: "invalid_token", reason });
});

test("introspect: a reason beside a token that is active refuses nobody", async () => {
  const our = await follow({ whenStale: "introspect" });
  introspection(our, json(200, '{"active":true,"reason":"token_stale"}'));
  await our.guard.ready();
  await lose(our);
  expect((await our.guard.verify(our.token("session-7"))).sessionId).toBe("session-7");
});

test.each<[string, RequestListener]>([
  ["500", json(500, "{}")],
  ["401", json(401, '{"error":"invalid_client"}')],
  ["no verdict", json(200, "{}")],
  ["a verdict as a text", json(200, '{"active":"true"}')],
  ["null", json(200, "null")],
  ["a page", (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>")],
  ["a redirect", (_, response) => void response.writeHead(302, { location: "/auth/keys" }).end()],
  ["50 MB", json(200, " ".repeat(50_000_000))],
])("introspect: %s is no answer, and lets nobody in", async (_, answer) => {
  const our = await follow({ whenStale: "introspect" });
  const asked = introspection(our, answer);
  await our.guard.ready();
  await lose(our);
  for (let i = 0; i < 20; i++) expect(await refusalOf(our.guard.verify(our.token(`session-${i}`)))).toEqual(stale);
  // A server that cannot answer is left alone for a second.
  expect(asked).toHaveLength(1);
});

test("introspect: a server that does not answer in time is no answer, and neither is one after closing", async () => {
  const our = await follow({ whenStale: "introspect", options: { fetchTimeoutSeconds: 0.05 } });
  introspection(our, () => {});
  await our.guard.ready();
  await lose(our);
  expect(await refusalOf(our.guard.verify(our.token()))).toEqual(stale);
  our.clock.monotonic += 1000;
  our.guard.close();
  expect(await refusalOf(our.guard.verify(our.token()))).toEqual(stale);
});

test("closed, a guard goes by what it knows until that is too old", async () => {
  const our = await follow();
  await our.guard.ready();
  await our.guard.verify(our.token());
  our.guard.close();
  our.pass(4999);
  await our.guard.verify(our.token());
  our.pass(1);
  expect(await refusalOf(our.guard.verify(our.token()))).toEqual(stale);
  expect(our.warnings).toEqual([]);
});

test("the secret is nowhere to be seen: not in the guard, not in what it says, not in what it throws", async () => {
  const our = await follow();
  await our.guard.ready();
  await lose(our);
  const refusal: unknown = await our.guard.verify(our.token()).catch((error: unknown) => error);
  const unset = () => createGuard({ issuer: "http://x", audience: AUDIENCE, revocation: CLIENT });
  expect(unset).toThrow("issuer must be https");
  const wrong = { ...CLIENT, whenStale: CLIENT.clientSecret as "reject" };
  const misuse = await follow({ options: { revocation: wrong } }).catch((error: unknown) => error);
  const seen = inspect([our.guard, our.status(), our.warnings, refusal, misuse], { depth: Infinity, showHidden: true });
  for (const form of [CLIENT.clientSecret, "a+secret", Buffer.from(`${CLIENT.clientId}:`).toString("base64").slice(0, 5)]) {
    expect(seen).not.toContain(form);
  }
});

test("without a feed: no connection is opened, and the server is asked about good tokens, once a second each", async () => {
  const our = await follow({ options: { revocation: { ...CLIENT, feed: false, whenStale: "introspect" } } });
  const asked = introspection(our);
  await our.guard.ready();
  const [one, two] = [our.token("session-1"), our.token("session-2")];
  await Promise.all(Array.from({ length: 20 }, (_, i) => our.guard.verify(i % 2 === 0 ? one : two)));
  await refusalOf(our.guard.verify("nonsense"));
  expect(asked).toHaveLength(2);
  our.feed.revoke("session-1");
  our.clock.monotonic += 1000;
  expect((await refusalOf(our.guard.verify(one))).reason).toBe("token_revoked");
  await our.guard.verify(two);
  expect(our.feed.streams).toHaveLength(0);
  expect(our.feed.issuer.requests).not.toContain("/auth/revocations");
  expect(our.status()).toMatchObject({ connected: false, seq: null, staleness: null });
  expect(our.warnings).toEqual([]);
});

test("without a feed and without an answer nobody gets in", async () => {
  const our = await follow({ options: { revocation: { ...CLIENT, feed: false, whenStale: "introspect" } } });
  introspection(our, (_, response) => void response.destroy());
  expect(await refusalOf(our.guard.verify(our.token()))).toEqual(stale);
});
