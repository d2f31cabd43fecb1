import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DAY, ISSUER, MINUTE, PASSWORD, SECRET, TestClient, refusal, startTestServer, temporaryFile } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import { runCli } from "./program.ts";

const CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const HOME = "203.0.113.7";
const ELSEWHERE = "198.51.100.9";

let server: TestServer;
let client: TestClient;
beforeEach(async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  // As an operator would have it: the same settings, in another process. Its clock is the real one, so is the server's.
  vi.stubEnv("OSTIARY_DATABASE_URL", databaseUrl);
  vi.stubEnv("OSTIARY_SECRET", SECRET);
  vi.stubEnv("OSTIARY_ISSUER", ISSUER);
  server = await startTestServer({ databaseUrl });
  server.time.now = Date.now() - DAY;
  client = new TestClient(server);
  return () => vi.unstubAllEnvs();
});

/** Runs a command and tells what it printed. */
async function ostiary(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const out = vi.spyOn(console, "log").mockImplementation((line: string) => void (printed.out += `${line}\n`));
  const err = vi.spyOn(console, "error").mockImplementation((line: string) => void (printed.err += `${line}\n`));
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => (printed.err += String(text)).length > 0);
  try {
    return { code: await runCli(["node", "ostiary", "sessions", ...args]), ...printed };
  } finally {
    for (const spy of [out, err, stderr]) spy.mockRestore();
  }
}

async function json<Value = Record<string, unknown>>(...args: string[]): Promise<Value[]> {
  const { code, out } = await ostiary(...args, "--json");
  expect(code).toBe(0);
  return out.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Value);
}

async function login(email = "ada@example.com", userAgent = CHROME): Promise<TokenResponse> {
  const body = { email, password: PASSWORD, delivery: "body" };
  return (await client.call<TokenResponse>("POST", "/login", { body, headers: { "user-agent": userAgent } })).body;
}

function refresh(refreshToken: string | undefined, { userAgent = CHROME, from = HOME } = {}) {
  const headers = { "user-agent": userAgent };
  return client.call<TokenResponse & ErrorBody>("POST", "/refresh", { body: { refreshToken }, headers, from });
}

const sidOf = ({ accessToken }: TokenResponse): string =>
  (JSON.parse(Buffer.from(accessToken.split(".")[1]!, "base64url").toString()) as { sid: string }).sid;

describe("ostiary sessions list", () => {
  it("lists live sessions, of everyone or of one user, and ended ones if asked", async () => {
    const none = await ostiary("list");
    expect(none).toEqual({ code: 0, out: "There are no live sessions.\n", err: "" });
    const ada = await client.signup("ada@example.com");
    await client.signup("grace@example.com");
    const second = await login();

    const all = await json<{ id: string; email: string }>("list");
    expect(all.map(({ email }) => email)).toEqual(["ada@example.com", "ada@example.com", "grace@example.com"]);
    const [newest] = await json("list", "ada@example.com");
    expect(newest).toEqual({
      id: sidOf(second),
      userId: ada.user.id,
      email: "ada@example.com",
      device: "Chrome on macOS",
      ip: HOME,
      userAgent: CHROME,
      createdAt: new Date(server.time.now).toISOString(),
      lastUsedAt: new Date(server.time.now).toISOString(),
      expiresAt: new Date(server.time.now + 7 * DAY).toISOString(),
      remember: false,
      endedAt: null,
      endReason: null,
    });

    await server.sessions.revoke(sidOf(second));
    expect(await json("list", ada.user.id)).toHaveLength(1);
    expect(await json("list", ada.user.id, "--all")).toMatchObject([{ endReason: "session_deleted" }, { endReason: null }]);
    const { out } = await ostiary("list", "--all");
    expect(out).toContain(`${sidOf(second)}  ada@example.com  Chrome on macOS at ${HOME}  since `);
    expect(out).toMatch(/ {2}ended \S+ \(session_deleted\)\n/);
  });

  it("1: a user who is not there; 2: wrong use", async () => {
    expect(await ostiary("list", "nobody@example.com")).toEqual({ code: 1, out: "", err: "There is no user nobody@example.com.\n" });
    expect((await ostiary("list", "a", "b")).code).toBe(2);
    expect((await ostiary("lists")).code).toBe(2);
  });
});

describe("ostiary sessions show", () => {
  it("tells a session's life: login, rotations, repeats, another device, the theft with both devices, the end", async () => {
    await client.signup();
    const begun = await login();
    let token = begun.refreshToken;
    const spent: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      server.time.now += 15 * MINUTE;
      spent.push(token);
      token = (await refresh(token)).body.refreshToken;
    }
    await refresh(spent.at(-1));
    server.time.now += 15 * MINUTE;
    await refresh(token, { from: ELSEWHERE });
    server.time.now += 15 * MINUTE;
    expect(refusal(await refresh(spent.at(-1), { userAgent: FIREFOX }))).toMatchObject({ reason: "refresh_token_reused" });

    const { code, out, err } = await ostiary("show", sidOf(begun));
    expect([code, err]).toEqual([0, ""]);
    expect(out.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")).toBe(
      [
        `Session ${sidOf(begun)} of ada@example.com`,
        "",
        "<time>  signed in from Chrome on macOS at 203.0.113.7",
        "<time>  3 rotations since <time>: rotated to generation 3",
        "<time>  repeated generation 3 to a holder of 2, within the grace",
        "<time>  rotated to generation 4",
        "    another network: 203.0.113.7 → 198.51.100.9",
        "<time>  theft: generation 2 came again while 4 was current",
        "    presented by Firefox on Linux at 203.0.113.7",
        "    last rotated by Chrome on macOS at 198.51.100.9",
        "",
        "Ended <time>: refresh_token_reused.",
        "",
      ].join("\n"),
    );
    const [history] = await json("show", sidOf(begun));
    expect(history).toMatchObject({
      id: sidOf(begun),
      session: { email: "ada@example.com", endReason: "refresh_token_reused" },
      end: { at: new Date(server.time.now).toISOString(), reason: "refresh_token_reused" },
    });
    const types = (history!["events"] as { type: string }[]).map(({ type }) => type);
    expect(types).toEqual(["login", "refresh", "refresh", "refresh", "refresh_repeated", "refresh", "refresh_token_reused"]);
  });

  it.each([
    ["by a sign-out", "logout", (tokens: TokenResponse) => client.call("POST", "/logout", { bearer: tokens.accessToken })],
    ["with all others", "logout_all", (tokens: TokenResponse) => client.call("POST", "/logout-all", { bearer: tokens.accessToken })],
    ["with the user", "user_disabled", ({ user }: TokenResponse) => server.users.disable(user.id)],
    ["by the command line", "session_deleted", (tokens: TokenResponse) => ostiary("revoke", sidOf(tokens))],
  ])("tells an end %s", async (_, reason, end) => {
    const tokens = await client.signup();
    expect((await ostiary("show", sidOf(tokens))).out).toContain("\nLive. Ends ");
    await end(tokens);
    expect((await ostiary("show", sidOf(tokens))).out).toMatch(new RegExp(`\nEnded \\S+: ${reason}\\.\n$`));
  });

  it("tells of an expired session, and of one whose row is gone what the audit still has", async () => {
    const [one, two] = [await client.signup(), await client.signup("grace@example.com")];
    server.time.now -= 8 * DAY;
    const [old, signedOut] = [await login(), await login()];
    await client.call("POST", "/logout", { bearer: signedOut.accessToken });
    expect(await json("show", sidOf(old))).toMatchObject([{ end: { reason: "expired" } }]);

    const { openStore } = await import("../stores/open-store.ts");
    const store = await openStore({ databaseUrl: process.env["OSTIARY_DATABASE_URL"]! });
    await store.sessions.dropEnded(Date.now(), 100);
    await store.close();
    expect(await json("show", sidOf(old))).toMatchObject([{ session: null, end: { at: null, reason: null } }]);
    expect((await ostiary("show", sidOf(old))).out).toContain("of ada@example.com\n");
    expect(await json("show", sidOf(signedOut))).toMatchObject([{ session: null, end: { reason: "logout" } }]);
    for (const tokens of [one, two]) expect(await json("show", sidOf(tokens))).toMatchObject([{ end: null }]);
  });

  it("a device that names itself in control characters cannot write on the terminal", async () => {
    await client.signup();
    const tokens = await login("ada@example.com", "\u009b2Jcurl/8");
    await refresh(tokens.refreshToken, { userAgent: "\u009d0;title\u009c" });
    const { out } = await ostiary("show", sidOf(tokens));
    expect(out).not.toMatch(/(?!\n)\p{Cc}/u);
    expect((await ostiary("list")).out).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it("1: a session that never was", async () => {
    expect(await ostiary("show", "nothing")).toEqual({ code: 1, out: "", err: "There is no session nothing.\n" });
    expect((await ostiary("show")).code).toBe(2);
  });
});

describe("ostiary sessions revoke", () => {
  it("ends the sessions it is given, in the server that is running, and says which it does not know", async () => {
    const [first, second, third] = [await client.signup(), await login(), await login()];
    const { code, out, err } = await ostiary("revoke", sidOf(first), "nothing", sidOf(second));
    expect([code, err]).toEqual([1, "There is no session nothing.\n"]);
    expect(out.match(/ended \S+ \(session_deleted\)/g)).toHaveLength(2);
    for (const tokens of [first, second]) {
      await expect.poll(async () => (await client.me(tokens.accessToken)).body.reason).toBe("session_revoked");
    }
    expect(refusal(await refresh(second.refreshToken))).toMatchObject({ reason: "session_revoked" });
    expect((await client.me(third.accessToken)).status).toBe(200);
    // Again: as if it had just been done.
    expect(await json("revoke", sidOf(first))).toMatchObject([{ id: sidOf(first), endReason: "session_deleted" }]);
  });

  it("ends all sessions of a user, and nobody else's", async () => {
    const [one, two, other] = [await client.signup(), await login(), await client.signup("grace@example.com")];
    const ended = await json("revoke", "--user", "ada@example.com");
    expect(ended.map(({ id }) => id)).toEqual([sidOf(two), sidOf(one)]);
    expect(ended.map(({ endReason }) => endReason)).toEqual(["logout_all", "logout_all"]);
    await expect.poll(async () => (await client.me(one.accessToken)).status).toBe(401);
    expect((await client.me(other.accessToken)).status).toBe(200);
    expect((await ostiary("revoke", "--user", one.user.id)).out).toBe("ada@example.com is signed out everywhere.\n");
  });

  it("2: neither sessions nor a user, or both; 1: nobody of that name", async () => {
    expect((await ostiary("revoke")).code).toBe(2);
    expect((await ostiary("revoke", "--everybody", "--user", "b@example.com")).code).toBe(2);
    expect((await ostiary("revoke", "a", "--user", "b@example.com")).code).toBe(2);
    expect((await ostiary("revoke", "--user", "nobody@example.com")).err).toBe("There is no user nobody@example.com.\n");
  });
});

it("checklist 84: everybody's sessions end by one command, and every access token is worthless", async () => {
  const bob = new TestClient(server);
  const all = [await client.signup("ada@example.com"), await bob.signup("bob@example.com")];
  expect((await json("revoke", "--everybody")).map(({ id }) => String(id)).toSorted()).toEqual(all.map(sidOf).toSorted());
  for (const tokens of all) await expect.poll(async () => (await client.me(tokens.accessToken)).body.reason, { timeout: 5000 }).toBe("token_revoked");
  expect(refusal(await bob.refresh())).toMatchObject({ reason: "session_revoked" });
  expect((await ostiary("revoke", "--everybody")).out).toBe("2 users are signed out everywhere.\n");
});

describe("ostiary sessions revoke-token", () => {
  it("makes one access token worthless, named by itself or by its jti; the session goes on", async () => {
    await client.signup("ada@example.com", { delivery: "body" });
    const [one, other] = [await login(), await login()];
    const jti = JSON.parse(Buffer.from(other.accessToken.split(".")[1]!, "base64url").toString()) as { jti: string };
    expect(await ostiary("revoke-token", `Bearer ${one.accessToken}`)).toMatchObject({ code: 0, err: "" });
    for (const { jti: named } of [jti, { jti: "-HKFmBogD9JYHDRQgK826_" }]) expect(await json("revoke-token", named)).toEqual([{ jti: named }]);
    const reasonFor = async ({ accessToken }: TokenResponse) => (await client.me(accessToken)).body.reason;
    for (const tokens of [one, other]) await expect.poll(() => reasonFor(tokens), { timeout: 5000 }).toBe("token_revoked");
    expect((await refresh(one.refreshToken)).status).toBe(200);
  });

  it.each(["a.b.c", "e30.e30.", "", "a b"])("%j ends with 1", async (given) => {
    const { code, out, err } = await ostiary("revoke-token", given);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/jti/);
  });
});
