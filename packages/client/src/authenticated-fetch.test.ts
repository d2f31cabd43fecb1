import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthenticatedFetch } from "./authenticated-fetch.ts";
import type { AuthenticatedFetchDeps } from "./authenticated-fetch.ts";

const API = "https://api.example.com";

const invalid = (reason?: string): Response =>
  Response.json({ error: "invalid_token", reason, error_description: "No." }, { status: 401 });
/** RFC 9470 §3: a refreshed token would say the same of the sign-in. */
const stepUp = (body: unknown) => {
  const headers = {
    "WWW-Authenticate": 'Bearer error="insufficient_user_authentication", error_description="Sign in again.", max_age="300"',
  };
  return body === null ? new Response("", { status: 401, headers }) : Response.json(body, { status: 401, headers });
};

/** Sends to nobody: answers with `answers`, the last one for ever, and notes the tokens that came. */
function fetchWith(answers: readonly (() => Response)[], more: Partial<AuthenticatedFetchDeps> = {}) {
  const tokens: (string | null)[] = [];
  const bodies: string[] = [];
  let refreshes = 0;
  const authenticatedFetch = createAuthenticatedFetch({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      tokens.push(request.headers.get("Authorization"));
      bodies.push(await request.text());
      return (answers[tokens.length - 1] ?? answers.at(-1)!)();
    },
    scheme: "Bearer",
    baseUrl: () => "https://app.example.com/page",
    origins: new Set([API, "https://app.example.com"]),
    accessToken: async () => "first",
    nextToken: async () => (refreshes++, "second"),
    ...more,
  });
  return { fetch: authenticatedFetch, tokens, bodies, refreshes: () => refreshes };
}

const ok = (): Response => new Response("ok");

describe("the token goes to nobody else", () => {
  it.each([`${API}/x`, "/x", "x", new URL(`${API}/x`), new Request(`${API}/x`)])("%s gets it", async (input) => {
    const base = fetchWith([ok], { fetch: async (_, init) => Response.json([...new Headers(init?.headers)]) });
    expect(await (await base.fetch(input)).json()).toEqual([["authorization", "Bearer first"]]);
  });

  it.each([
    "https://evil.example/x",
    "http://api.example.com/x",
    "https://api.example.com:8443/x",
    "https://api.example.com.evil.example/x",
    "https://api.example.com@evil.example/x",
    "https://sub.api.example.com/x",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "data:text/plain,x",
  ])("%s does not", async (url) => {
    const seen: (string | null)[] = [];
    const { fetch } = fetchWith([ok], {
      fetch: async (_, init) => {
        seen.push(new Headers(init?.headers).get("Authorization"));
        return ok();
      },
    });
    await fetch(url);
    expect(seen).toEqual([null]);
  });

  it("an Authorization of the caller's own is left as it is", async () => {
    const { fetch, tokens } = fetchWith([() => invalid("token_expired")]);
    await fetch(`${API}/x`, { headers: { authorization: "Basic own" } });
    expect(tokens).toEqual(["Basic own"]);
  });

  it("a redirect to another origin loses it", async () => {
    const stranger = createServer((req, res) => res.end(req.headers.authorization ?? "nothing"));
    const strangerUrl = await listen(stranger);
    const api = createServer((_, res) => res.writeHead(307, { location: strangerUrl }).end());
    const apiUrl = await listen(api);
    const { fetch } = fetchWith([], { fetch: globalThis.fetch, origins: new Set([new URL(apiUrl).origin]) });
    expect(await (await fetch(apiUrl)).text()).toBe("nothing");
  });
});

describe("a token that is refused", () => {
  it.each(["token_expired", "token_stale", "token_revoked", "session_revoked", undefined])(
    "is renewed, and the request sent once more: %s",
    async (reason) => {
      const { fetch, tokens } = fetchWith([() => invalid(reason), ok]);
      expect((await fetch(`${API}/x`)).status).toBe(200);
      expect(tokens).toEqual(["Bearer first", "Bearer second"]);
    },
  );

  it("is renewed on the challenge alone, where an API answers in its own words", async () => {
    const headers = { "WWW-Authenticate": 'Bearer realm="x", error="invalid_token"' };
    const { fetch, tokens } = fetchWith([() => new Response("no", { status: 401, headers }), ok]);
    await fetch(`${API}/x`);
    expect(tokens).toHaveLength(2);
  });

  it("is not sent a third time", async () => {
    const { fetch, tokens } = fetchWith([() => invalid("token_stale")]);
    const answer = await fetch(`${API}/x`);
    expect(await answer.json()).toMatchObject({ reason: "token_stale" });
    expect(tokens).toHaveLength(2);
  });

  it.each([
    ["a signature that is wrong for this API", () => invalid("signature_invalid")],
    ["a token for another API", () => invalid("claim_invalid")],
    ["a 401 about something else", () => Response.json({ error: "invalid_credentials" }, { status: 401 })],
    ["a sign-in that is too old for this", () => stepUp({ error: "insufficient_user_authentication" })],
    ["the same of another origin's API, with a challenge alone", () => stepUp(null)],
    ["a 401 without a word", () => new Response("", { status: 401 })],
    ["a missing scope", () => Response.json({ error: "insufficient_scope" }, { status: 403 })],
  ])("is not renewed in vain: %s", async (_, answer) => {
    const { fetch, tokens, refreshes } = fetchWith([answer]);
    await fetch(`${API}/x`);
    expect([tokens.length, refreshes()]).toEqual([1, 0]);
  });

  it("the refusal is handed on, whole, when there is no better token", async () => {
    const { fetch, tokens } = fetchWith([() => invalid("session_revoked")], { nextToken: async () => null });
    expect(await (await fetch(`${API}/x`)).json()).toMatchObject({ reason: "session_revoked" });
    expect(tokens).toHaveLength(1);
  });
});

describe("a request with a body", () => {
  it.each([
    ["text", "hello"],
    ["bytes", new TextEncoder().encode("hello")],
    ["a blob", new Blob(["hello"])],
  ])("is sent once more with all of it: %s", async (_, body) => {
    const { fetch, bodies } = fetchWith([() => invalid("token_expired"), ok]);
    await fetch(`${API}/x`, { method: "POST", body });
    expect(bodies).toEqual(["hello", "hello"]);
  });

  const stream = (): ReadableStream => new Blob(["hello"]).stream();
  const streaming = { method: "POST", duplex: "half" } as RequestInit;

  it.each<[string, () => [RequestInfo, RequestInit?]]>([
    ["a stream", () => [`${API}/x`, { ...streaming, body: stream() }]],
    ["a Request made of a stream", () => [new Request(`${API}/x`, { ...streaming, body: stream() })]],
    ["a Request whose body may have been a stream", () => [new Request(`${API}/x`, { method: "POST", body: "hello" })]],
  ])("is never sent twice: %s", async (_, request) => {
    const { fetch, bodies, refreshes } = fetchWith([() => invalid("token_expired"), ok]);
    const answer = await fetch(...request());
    expect([answer.status, bodies, refreshes()]).toEqual([401, ["hello"], 1]);
  });
});

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => void server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}
