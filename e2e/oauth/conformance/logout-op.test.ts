/** Our port of the conformance suite's profiles "RP-Initiated OP" and "Back-Channel OP": one test for each module. */
import { generateKey } from "@ostiary/jwt";
import { decodeJwt, importJWK, SignJWT } from "jose";
import { describe, expect, it, vi } from "vitest";
import type { Arrival, Person } from "../person.ts";
import { POST_LOGOUT_URI } from "./provider.ts";
import { NEEDS_PEOPLE } from "./relying-party.ts";
import type { Parameters, RelyingParty, Tokens } from "./relying-party.ts";
import { PROVIDERS, tested } from "./tested.ts";

const STATE = "S".repeat(128);

interface SignedIn {
  readonly rp: RelyingParty;
  readonly person: Person;
  readonly tokens: Tokens;
}

describe.each(PROVIDERS)("RP-Initiated OP and Back-Channel OP: $name", ({ start }) => {
  const { provider, relyingParty } = tested(start);

  async function signIn(): Promise<SignedIn> {
    const [rp, person] = [await relyingParty(), provider().newPerson()];
    const tokens = await rp.signIn(person);
    provider().takeLogoutTokens();
    return { rp, person, tokens };
  }

  /** Leaves by the provider's own page, and answers what it asks. */
  function leave({ rp, person, tokens }: SignedIn, more: Parameters = {}): Promise<Arrival> {
    const url = new URL(rp.metadata.end_session_endpoint);
    const parameters: Parameters = {
      id_token_hint: tokens.idToken,
      post_logout_redirect_uri: POST_LOGOUT_URI,
      state: STATE,
      ...more,
    };
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    return person.open(url);
  }

  async function expectSignedOut({ rp, person }: SignedIn): Promise<void> {
    const { url, state } = rp.request({ prompt: "none" });
    expect(NEEDS_PEOPLE).toContain(rp.checkError(await person.open(url), state));
  }

  function expectLedBack({ url, parameters }: Arrival, state: string | null): void {
    expect(url.origin + url.pathname).toBe(POST_LOGOUT_URI);
    expect([...parameters]).toEqual(state === null ? [] : [["state", state]]);
  }

  /** On a page of the provider: it says that it will not, or whom it has signed out. */
  function expectStayed(arrival: Arrival): void {
    expect(arrival.page?.text).toBeTruthy();
    expect(arrival.page?.status).toBeLessThan(500);
  }

  it("oidcc-rp-initiated-logout", async () => {
    const signedIn = await signIn();
    expectLedBack(await leave(signedIn), STATE);
    await expectSignedOut(signedIn);
  });

  it("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", async () => {
    expectStayed(await leave(await signIn(), { post_logout_redirect_uri: `${POST_LOGOUT_URI}/not-registered` }));
  });

  it("oidcc-rp-initiated-logout-modified-id-token-hint", async () => {
    const signedIn = await signIn();
    const [, payload = ""] = signedIn.tokens.idToken.split(".");
    const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    expectStayed(await leave(signedIn, { id_token_hint: `${header}.${payload}.` }));
  });

  it("oidcc-rp-initiated-logout-bad-id-token-hint", async () => {
    const signedIn = await signIn();
    const key = await importJWK({ ...generateKey("RS256").privateJwk() }, "RS256");
    const forged = await new SignJWT(decodeJwt(signedIn.tokens.idToken)).setProtectedHeader({ alg: "RS256" }).sign(key);
    expectStayed(await leave(signedIn, { id_token_hint: forged }));
  });

  it("oidcc-rp-initiated-logout-no-id-token-hint", async () => {
    expectStayed(await leave(await signIn(), { id_token_hint: undefined }));
  });

  it("oidcc-rp-initiated-logout-no-params", async () => {
    const signedIn = await signIn();
    expectStayed(await leave(signedIn, { id_token_hint: undefined, post_logout_redirect_uri: undefined, state: undefined }));
    await expectSignedOut(signedIn);
  });

  it("oidcc-rp-initiated-logout-no-post-logout-redirect-uri", async () => {
    const signedIn = await signIn();
    expectStayed(await leave(signedIn, { post_logout_redirect_uri: undefined }));
    await expectSignedOut(signedIn);
  });

  it("oidcc-rp-initiated-logout-no-state", async () => {
    const signedIn = await signIn();
    expectLedBack(await leave(signedIn, { state: undefined }), null);
    await expectSignedOut(signedIn);
  });

  it("oidcc-rp-initiated-logout-only-state", async () => {
    const signedIn = await signIn();
    expectStayed(await leave(signedIn, { id_token_hint: undefined, post_logout_redirect_uri: undefined }));
    await expectSignedOut(signedIn);
  });

  it("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", async () => {
    expectStayed(await leave(await signIn(), { post_logout_redirect_uri: `${POST_LOGOUT_URI}?foo=bar` }));
  });

  it("oidcc-backchannel-rp-initiated-logout", async () => {
    const signedIn = await signIn();
    const { rp, tokens } = signedIn;
    expectLedBack(await leave(signedIn), STATE);
    const token = await vi.waitUntil(() => provider().takeLogoutTokens()[0], { timeout: 30_000, interval: 20 });
    const { protectedHeader, payload } = await rp.verify(token);
    expect(rp.metadata["id_token_signing_alg_values_supported"]).toContain(protectedHeader.alg);
    // Recommended, so that nobody takes it for another kind of token (OIDC Back-Channel Logout 1.0 §2.4).
    expect(protectedHeader.typ).toBe("logout+jwt");
    expect(payload.jti).toEqual(expect.any(String));
    for (const time of [payload.iat, payload.exp]) expect(Number.isInteger(time)).toBe(true);
    expect(payload["events"]).toEqual({ "http://schemas.openid.net/event/backchannel-logout": {} });
    expect(payload).not.toHaveProperty("nonce");
    expect(payload["sid"]).toBe(tokens.claims["sid"]);
    if (payload.sub !== undefined) expect(payload.sub).toBe(tokens.claims.sub);
    await expectSignedOut(signedIn);
  });
});
