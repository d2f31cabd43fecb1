import { randomUUID } from "node:crypto";
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "./browser.ts";
import { get, PASSWORD, refresh, signup } from "./call.ts";
import type { Answer } from "./call.ts";
import { startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

let server: RunningServer;
let strict: RunningServer;
beforeAll(async () => {
  [server, strict] = await Promise.all([startOstiary(), startOstiary({ env: { OSTIARY_ROTATION_GRACE: "0" } })]);
});

describe("the walk of a refresh", () => {
  it("exchanges a refresh token for the next one and a new access token, again and again", async () => {
    const first = await signup(server.issuer, "ada@example.com");
    const second = await refresh(server.issuer, first.refreshToken);
    const third = await refresh(server.issuer, second.body.refreshToken);
    expect([second.status, third.status]).toEqual([200, 200]);
    expect(new Set([first.refreshToken, second.body.refreshToken, third.body.refreshToken]).size).toBe(3);
    expect(new Set([first.accessToken, second.body.accessToken, third.body.accessToken]).size).toBe(3);
    expect((await get(`${server.issuer}/me`, third.body.accessToken)).status).toBe(200);
    expect(third.headers.get("cache-control")).toBe("no-store");
  });

  it("answers a hundred requests at once with one and the same successor", async () => {
    const { refreshToken } = await signup(server.issuer, "hundred@example.com");
    const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(server.issuer, refreshToken)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [successor = "", ...others] = new Set(answers.map(({ body }) => body.refreshToken));
    expect(others).toEqual([]);
    expect((await refresh(server.issuer, successor)).status).toBe(200);
  });

  it("refuses access tokens, changed refresh tokens and those of another server", async () => {
    const { accessToken, refreshToken } = await signup(server.issuer, "wrong@example.com");
    const stranger = await signup(strict.issuer, "wrong@example.com");
    const changed = `${refreshToken.slice(0, -20)}${refreshToken.at(-20) === "A" ? "B" : "A"}${refreshToken.slice(-19)}`;
    const answers = await Promise.all(
      [accessToken, changed, stranger.refreshToken, "nonsense"].map((token) => refresh(server.issuer, token)),
    );
    expect(answers.map(outcome)).toEqual([
      "401 signature_invalid",
      "401 signature_invalid",
      "401 signature_invalid",
      "401 token_malformed",
    ]);
    expect((await refresh(server.issuer, refreshToken)).status).toBe(200);
  });
});

describe("with OSTIARY_ROTATION_GRACE=0", () => {
  it("the second use of a refresh token is theft, and ends the whole session", async () => {
    const first = await signup(strict.issuer, "theft@example.com");
    const second = await refresh(strict.issuer, first.refreshToken);
    expect(second.status).toBe(200);
    expect(outcome(await refresh(strict.issuer, first.refreshToken))).toBe("401 refresh_token_reused");
    expect(outcome(await refresh(strict.issuer, second.body.refreshToken))).toBe("401 refresh_token_reused");
    expect(outcome(await get(`${strict.issuer}/me`, second.body.accessToken))).toBe("401 session_revoked");
    expect(outcome(await get(`${strict.issuer}/me`, first.accessToken))).toBe("401 session_revoked");
  });

  it("a lost answer can be fetched again with the Idempotency-Key of its request", async () => {
    const { refreshToken } = await signup(strict.issuer, "lost@example.com");
    const key = { "idempotency-key": randomUUID() };
    const lost = await refresh(strict.issuer, refreshToken, key);
    const again = await refresh(strict.issuer, refreshToken, key);
    expect(again.status).toBe(200);
    expect(again.body.refreshToken).toBe(lost.body.refreshToken);
    const thief = await refresh(strict.issuer, refreshToken, { "idempotency-key": randomUUID() });
    expect(outcome(thief)).toBe("401 refresh_token_reused");
  });
});

describe("a browser", () => {
  it("refreshes by its cookie, and gets the next one as a cookie", async () => {
    const browser = await signedIn("cookie@example.com");
    const before = browser.cookies.get("ostiary_refresh");
    const answer = await browser.refresh<TokenResponse>(server.issuer);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty("refreshToken");
    expect(browser.cookies.get("ostiary_refresh")).not.toBe(before);
    expect((await get(`${server.issuer}/me`, answer.body.accessToken)).status).toBe(200);
  });

  it("in two tabs at once ends up with one cookie that goes on", async () => {
    const browser = await signedIn("tabs@example.com");
    const answers = await Promise.all([browser.refresh(server.issuer), browser.refresh(server.issuer)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await browser.refresh(server.issuer)).status).toBe(200);
  });

  it("is refused on the word of another site's page, and keeps its session", async () => {
    const browser = await signedIn("csrf@example.com");
    const forged = await browser.post(`${server.issuer}/refresh`, undefined, { origin: "https://evil.example" });
    const unproven = await browser.post(`${server.issuer}/refresh`);
    expect([forged.status, forged.body.error]).toEqual([403, "csrf_failed"]);
    expect([unproven.status, unproven.body.error]).toEqual([403, "csrf_failed"]);
    expect((await browser.refresh(server.issuer)).status).toBe(200);
  });
});

async function signedIn(email: string): Promise<Browser> {
  const browser = new Browser(server.url);
  const { status } = await browser.post(`${server.issuer}/signup`, { email, password: PASSWORD });
  expect(status).toBe(201);
  return browser;
}

function outcome({ status, body }: Answer<ErrorBody>): string {
  return `${status} ${body.reason}`;
}
