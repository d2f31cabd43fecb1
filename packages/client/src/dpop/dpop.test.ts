import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";
import type { JWTPayload, ProtectedHeaderParameters } from "jose";
import { describe, expect, it } from "vitest";
import { createFakeIssuer, ISSUER } from "../../test/fake-issuer.ts";
import { hashOf } from "../base64url.ts";
import { createAuthClient } from "../client.ts";
import { createDpop, createDpopIn } from "./dpop.ts";
import { openVault } from "./vault.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const API = "https://api.example/orders";

interface Seen {
  readonly headers: Headers;
  readonly header: Partial<ProtectedHeaderParameters>;
  /** Of the proof; empty if there was none. */
  readonly claims: JWTPayload;
  readonly body: string;
}

/** A server that looks at proofs as jose does, and answers with `answers` in turn, the last one for ever. */
function serverOf(answers: readonly ((seen: Seen) => Response)[], now = NOW, issuer = ISSUER) {
  const dpop = createDpopIn({ now: () => now, vault: openVault() }, {});
  const seen: Seen[] = [];
  const fetch = dpop.over(async (_, init) => {
    const { headers, body } = { headers: new Headers(init?.headers), body: await new Response(init?.body).text() };
    const proof = headers.get("DPoP");
    const verified =
      proof === null
        ? null
        : await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt", algorithms: ["ES256"], currentDate: new Date(NOW) });
    const one = { headers, body, header: verified?.protectedHeader ?? {}, claims: verified?.payload ?? {} };
    seen.push(one);
    return (answers[seen.length - 1] ?? answers.at(-1)!)(one);
  }, issuer);
  return { dpop, seen, fetch };
}

const ok = (): Response => new Response("ok");
const wantsNonce =
  (nonce: string, status = 401) =>
  (): Response =>
    status === 401
      ? new Response(null, {
          status,
          headers: { "WWW-Authenticate": 'DPoP error="use_dpop_nonce", algs="ES256"', "DPoP-Nonce": nonce },
        })
      : Response.json({ error: "use_dpop_nonce" }, { status, headers: { "DPoP-Nonce": nonce } });
const withToken = (token = "a.b.c"): RequestInit => ({ headers: { Authorization: `DPoP ${token}` } });

describe("a proof (RFC 9449 §4.2)", () => {
  it("is for one request: its method, its address without query and fragment, its token, its time", async () => {
    const { dpop, seen, fetch } = serverOf([ok]);
    await fetch(`${API}?page=2#top`, { ...withToken(), method: "delete" });
    const [{ header, claims } = { header: {}, claims: {} }] = seen;
    expect(header).toEqual({
      typ: "dpop+jwt",
      alg: "ES256",
      jwk: { kty: "EC", crv: "P-256", x: expect.any(String) as string, y: expect.any(String) as string },
    });
    expect(claims).toEqual({
      jti: expect.stringMatching(/^[\w-]{22}$/) as string,
      htm: "DELETE",
      htu: API,
      iat: NOW / 1000,
      ath: await hashOf("a.b.c"),
    });
    expect(await dpop.thumbprint()).toBe(await calculateJwkThumbprint(header.jwk!));
  });

  it("is made anew for each", async () => {
    const { seen, fetch } = serverOf([ok]);
    await Promise.all(Array.from({ length: 20 }, () => fetch(API, withToken())));
    expect(new Set(seen.map(({ claims }) => claims.jti)).size).toBe(20);
  });

  it("is by a key that nobody can take away", async () => {
    const vault = openVault();
    const dpop = createDpopIn({ now: () => NOW, vault }, { name: "mine" });
    await dpop.thumbprint();
    const { privateKey } = (await vault.read("mine")) as CryptoKeyPair;
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("jwk", privateKey)).rejects.toThrow("extractable");
  });

  it("is by one key, also where two look for it at once, and by the one that is kept", async () => {
    const vault = openVault();
    const prints = await Promise.all(Array.from({ length: 5 }, () => createDpopIn({ now: () => NOW, vault }, {}).thumbprint()));
    expect(new Set(prints).size).toBe(1);
    expect(await createDpopIn({ now: () => NOW, vault }, { name: "other" }).thumbprint()).not.toBe(prints[0]);
  });

  it("can be had for a request that something else sends", async () => {
    const claims = (await jwtVerify(await createDpop().proof({ method: "POST", url: API, accessToken: "t" }), EmbeddedJWK))
      .payload;
    expect(claims).toMatchObject({ htm: "POST", htu: API, ath: await hashOf("t") });
  });
});

describe("what gets a proof", () => {
  it.each([
    ["a token under the scheme DPoP", API, withToken()],
    ["a sign-in", `${ISSUER}/login`, { method: "POST", body: "{}" }],
    ["a refresh", `${ISSUER}/oauth/token`, { method: "POST" }],
  ])("%s", async (_, url, init) => {
    const { seen, fetch } = serverOf([ok]);
    await fetch(url, init);
    expect(seen[0]?.claims.jti).toBeTypeOf("string");
  });

  it.each(["https://ID.Example.com/auth", "HTTPS://id.example.com:443/auth/", "https://id.example.com/x/../auth//"])(
    "a sign-in at an issuer that is written as %s, whose tokens are looked at as well",
    async (issuer) => {
      const { seen, fetch } = serverOf([ok, () => Response.json({ tokenType: "Bearer" })], NOW, issuer);
      await fetch(`${ISSUER}/login`, { method: "POST" });
      expect(seen[0]?.claims.htu).toBe(`${ISSUER}/login`);
      expect((await fetch(`${ISSUER}/login`, { method: "POST" })).status).toBe(401);
    },
  );

  it.each([
    ["a request to anybody else", API, { method: "POST" }],
    ["one to a place that is called like the issuer", `${ISSUER}-evil.example/login`, { method: "POST" }],
    ["a look at the issuer", `${ISSUER}/csrf`, {}],
    ["a bearer token", API, { headers: { Authorization: "Bearer x" } }],
    ["the issuer by another's credentials", `${ISSUER}/oauth/token`, { method: "POST", headers: { Authorization: "Basic x" } }],
  ])("not %s", async (_, url, init) => {
    const { seen, fetch } = serverOf([ok]);
    await fetch(url, init);
    expect(seen[0]?.headers.has("DPoP")).toBe(false);
  });

  it("not a request that has one already", async () => {
    const { dpop, seen, fetch } = serverOf([ok]);
    const proof = await dpop.proof({ method: "GET", url: API, accessToken: "t" });
    await fetch(API, { headers: { Authorization: "DPoP t", DPoP: proof } });
    expect(seen[0]?.headers.get("DPoP")).toBe(proof);
  });
});

describe("nonces (RFC 9449 §8, §9)", () => {
  it.each([401, 400])("what is asked for one is sent once more, and from then on has it (%i)", async (status) => {
    const { seen, fetch } = serverOf([wantsNonce("n1", status), ok]);
    expect((await fetch(API, { ...withToken(), method: "PUT", body: "x" })).status).toBe(200);
    await fetch(API, withToken());
    expect(seen.map(({ claims }) => claims["nonce"])).toEqual([undefined, "n1", "n1"]);
    expect(seen.map(({ body }) => body)).toEqual(["x", "x", ""]);
    expect(new Set(seen.map(({ claims }) => claims.jti)).size).toBe(3);
  });

  it("a new one that comes with an answer is used next; each origin has its own", async () => {
    const renewing = (): Response => new Response(null, { headers: { "DPoP-Nonce": "n2" } });
    const { seen, fetch } = serverOf([wantsNonce("n1"), renewing, ok]);
    await fetch(API, withToken());
    await fetch(`${API}/7`, withToken());
    await fetch("https://other.example/", withToken());
    expect(seen.map(({ claims }) => claims["nonce"])).toEqual([undefined, "n1", "n2", undefined]);
  });

  it("of many at once each gets through", async () => {
    const { fetch } = serverOf([({ claims }) => (claims["nonce"] === "n" ? ok() : wantsNonce("n")())]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(API, withToken())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it("a server that is never content is asked twice and no more", async () => {
    const { seen, fetch } = serverOf([wantsNonce("n1"), wantsNonce("n2"), wantsNonce("n3")]);
    expect((await fetch(API, withToken())).status).toBe(401);
    expect(seen).toHaveLength(2);
  });

  it("a server that asks for one and names none is asked once: another proof would do no better", async () => {
    const { seen, fetch } = serverOf([wantsNonce("n1"), ok, () => Response.json({ error: "use_dpop_nonce" }, { status: 401 })]);
    await fetch(API, withToken());
    expect((await fetch(API, withToken())).status).toBe(401);
    expect(seen).toHaveLength(3);
  });

  it("a stream is not sent twice", async () => {
    const { seen, fetch } = serverOf([wantsNonce("n1")]);
    const body = new Blob(["x"]).stream();
    expect((await fetch(API, { ...withToken(), method: "POST", body, duplex: "half" } as RequestInit)).status).toBe(401);
    expect(seen).toHaveLength(1);
  });
});

describe("a clock that is wrong", () => {
  const refusing = ({ claims }: Seen): Response =>
    Math.abs((claims.iat ?? 0) - NOW / 1000) <= 5
      ? ok()
      : Response.json({ error: "invalid_dpop_proof" }, { status: 401, headers: { Date: new Date(NOW).toUTCString() } });

  it.each([-3600_000, 3600_000])("by %i ms is seen by the server's, once, for many at once", async (offset) => {
    const { seen, fetch } = serverOf([refusing], NOW + offset);
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(API, withToken())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await fetch(API, withToken())).status).toBe(200);
    expect(seen).toHaveLength(11);
  });

  it("is not blamed where it is right: a proof that is refused for something else is not sent again", async () => {
    const date = new Date(NOW).toUTCString();
    for (const headers of [{ Date: date }, {}, { Date: "nonsense" }]) {
      const { seen, fetch } = serverOf([() => Response.json({ error: "invalid_dpop_proof" }, { status: 401, headers })]);
      expect((await fetch(API, withToken())).status).toBe(401);
      expect(seen).toHaveLength(1);
    }
  });
});

describe("a client with a key", () => {
  it.each(["Bearer", "bearer"])("keeps no tokens that anybody could use (%s)", async (type) => {
    for (const body of [{ tokenType: type, accessToken: "t", refreshToken: "r" }, { token_type: type, access_token: "t" }]) {
      const { fetch } = serverOf([() => Response.json(body)]);
      const answer = await fetch(`${ISSUER}/login`, { method: "POST" });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: "invalid_token" });
    }
  });

  it("signs nobody in where the server binds nothing, and sends bound tokens under their scheme where it does", async () => {
    const issuer = createFakeIssuer();
    const sent: (string | null)[] = [];
    const fetchOf = (tokenType: string): typeof globalThis.fetch => async (input, init) => {
      sent.push(new Headers(init?.headers).get("Authorization"));
      const answer = await issuer.fetchFor({ session: null })(input, init);
      return answer.status === 204
        ? answer
        : Response.json({ ...((await answer.json()) as object), tokenType }, { status: answer.status });
    };
    const login = { email: "ada@example.com", password: "correct horse battery staple" };
    const downgraded = createAuthClient({ issuer: ISSUER, delivery: "body", fetch: fetchOf("Bearer"), dpop: createDpop() });
    await expect(downgraded.login(login)).rejects.toMatchObject({ code: "invalid_token" });
    expect(await downgraded.getAccessToken()).toBeNull();

    const auth = createAuthClient({ issuer: ISSUER, delivery: "body", fetch: fetchOf("DPoP"), dpop: createDpop() });
    await auth.login(login);
    await auth.listSessions();
    expect(sent.at(-1)).toMatch(/^DPoP access-\d$/);
    downgraded.close();
    auth.close();
  });

  it("keeps what is worth nothing without the key beside it", async () => {
    const dpop = createDpop();
    const storage = dpop.storage("session");
    expect(await storage.load()).toBeNull();
    await storage.save("kept");
    expect(await dpop.storage("session").load()).toBe("kept");
    expect(await dpop.storage("another").load()).toBeNull();
    await storage.save(null);
    expect(await storage.load()).toBeNull();
  });
});
