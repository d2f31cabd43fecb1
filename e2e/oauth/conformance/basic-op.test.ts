/**
 * Our port of the modules that the OpenID Foundation's conformance suite has for the profile "Basic OP", as they are for
 * clients that are registered beforehand; one test each, by the module's name. docs/oauth-conformance.md says what differs.
 */
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { pass, PROVIDERS, tested } from "./tested.ts";
import { REDIRECT_URI } from "./provider.ts";
import { NEEDS_PEOPLE } from "./relying-party.ts";
import type { Parameters, RelyingParty, Tokens } from "./relying-party.ts";

describe.each(PROVIDERS)("Basic OP: $name", ({ start }) => {
  const { provider, relyingParty } = tested(start);

  /** The flow with `more`, as it is without; userinfo included. */
  async function expectSignedIn(more: Parameters): Promise<{ rp: RelyingParty; tokens: Tokens }> {
    const rp = await relyingParty();
    const tokens = await rp.signIn(provider().newPerson(), more);
    await rp.userinfo(tokens);
    return { rp, tokens };
  }

  /** Somebody who has signed in comes again: without being asked to sign in, and as the same. */
  async function expectSameAgain(
    second: (first: Tokens) => Parameters,
    first: Parameters = {},
  ): Promise<{ first: Tokens; second: Tokens }> {
    const [rp, person] = [await relyingParty(), provider().newPerson()];
    const before = await rp.signIn(person, first);
    pass(5);
    const after = await rp.signIn(person, second(before));
    expect(after.flow.arrival.steps).not.toContain("sign in");
    expect(after.claims.sub).toBe(before.claims.sub);
    expect(after.claims["auth_time"]).toBe(before.claims["auth_time"]);
    return { first: before, second: after };
  }

  /** Somebody who has signed in comes again, and is to sign in again. */
  async function expectSignInAgain(seconds: number, second: Parameters): Promise<{ first: Tokens; second: Tokens }> {
    const [rp, person] = [await relyingParty(), provider().newPerson()];
    const before = await rp.signIn(person);
    pass(seconds);
    const after = await rp.signIn(person, second);
    expect(after.flow.arrival.steps).toContain("sign in");
    expect(after.claims.sub).toBe(before.claims.sub);
    return { first: before, second: after };
  }

  /** What the provider tells of the user for these scopes; null if it lists not all of them: then the suite skips the module. */
  async function userinfoFor(scopes: readonly string[]): Promise<Record<string, unknown> | null> {
    const rp = await relyingParty();
    const listed = rp.metadata["scopes_supported"] as string[];
    if (!scopes.every((scope) => listed.includes(scope))) return null;
    return rp.userinfo(await rp.signIn(provider().newPerson(), { scope: ["openid", ...scopes].join(" ") }));
  }

  it("oidcc-server", async () => {
    const { rp, tokens } = await expectSignedIn({});
    expect(tokens.claims).not.toHaveProperty("name");
    expect(tokens.claims).not.toHaveProperty("email");
    expect(rp.metadata["response_types_supported"]).toContain("code");
  });

  it("oidcc-response-type-missing", async () => {
    const rp = await relyingParty();
    const { url, state } = rp.request({ response_type: undefined });
    const arrival = await provider().newPerson().open(url);
    expect(["invalid_request", "unsupported_response_type"]).toContain(rp.checkError(arrival, state));
  });

  it("oidcc-idtoken-signature", async () => {
    const { rp, tokens } = await expectSignedIn({});
    const { protectedHeader } = await rp.verify(tokens.idToken);
    expect(protectedHeader.alg).toBe("RS256");
    expect(protectedHeader.kid).toEqual(expect.any(String));
  });

  it("oidcc-idtoken-unsigned: not offered", async () => {
    const { metadata } = await relyingParty();
    expect(metadata["id_token_signing_alg_values_supported"]).not.toContain("none");
  });

  it("oidcc-userinfo-get", async () => {
    const { rp, tokens } = await expectSignedIn({});
    expect(await rp.userinfo(tokens, "GET")).toHaveProperty("sub");
  });

  it("oidcc-userinfo-post-header", async () => {
    const { rp, tokens } = await expectSignedIn({});
    expect(await rp.userinfo(tokens, "POST")).toHaveProperty("sub");
  });

  it("oidcc-userinfo-post-body", async () => {
    const { rp, tokens } = await expectSignedIn({});
    const body = new URLSearchParams({ access_token: tokens.accessToken });
    const answer = await rp.ask(rp.metadata.userinfo_endpoint, { method: "POST", body });
    // No provider has to take it (RFC 6750 §2.2); one that does not says so in good order.
    if (answer.status === 200) rp.checkUserinfo(answer, tokens.claims);
    else expect([400, 401]).toContain(answer.status);
  });

  it("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", async () => {
    const { tokens } = await expectSignedIn({ nonce: undefined });
    expect(tokens.claims).not.toHaveProperty("nonce");
  });

  it("oidcc-scope-profile", async () => {
    expect(await userinfoFor(["profile"])).toMatchObject({ name: "Ada Lovelace" });
  });

  it("oidcc-scope-email", async () => {
    const claims = await userinfoFor(["email"]);
    expect(claims).toMatchObject({ email: "ada@example.com" });
    expect(claims?.["email_verified"]).toEqual(expect.any(Boolean));
    expect(claims).not.toHaveProperty("name");
  });

  it("oidcc-scope-address: not offered", async () => {
    expect(await userinfoFor(["address"])).toBeNull();
  });

  it("oidcc-scope-phone: not offered", async () => {
    expect(await userinfoFor(["phone"])).toBeNull();
  });

  it("oidcc-scope-all: of those that are offered", async () => {
    expect(await userinfoFor(["address", "email", "phone", "profile"])).toBeNull();
    expect(await userinfoFor(["email", "profile"])).toMatchObject({ name: "Ada Lovelace", email: "ada@example.com" });
  });

  it("oidcc-alternate-happy-flow", async () => {
    const rp = await relyingParty();
    const { url, state, verifier, nonce } = rp.request({ scope: "email openid" });
    const reversed = new URL(url);
    reversed.search = new URLSearchParams([...url.searchParams].toReversed()).toString();
    const code = rp.checkCode(await provider().newPerson().open(reversed), state);
    const tokens = await rp.checkTokens(
      await rp.askForTokens({ grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: verifier }),
      nonce,
    );
    expect(await rp.userinfo(tokens)).toHaveProperty("email");
  });

  it.each([
    ["oidcc-display-page", { display: "page" }],
    ["oidcc-display-popup", { display: "popup" }],
    ["oidcc-ensure-request-with-unknown-parameter-succeeds", { extra: "foobar" }],
    ["oidcc-login-hint", { login_hint: "buffy@op.example" }],
    ["oidcc-ui-locales", { ui_locales: "se" }],
    ["oidcc-claims-locales", { claims_locales: "se" }],
    ["oidcc-ensure-request-with-valid-pkce-succeeds", {}],
  ])("%s", async (_, more) => {
    await expectSignedIn(more);
  });

  it("oidcc-prompt-login", async () => {
    const { first, second } = await expectSignInAgain(5, { prompt: "login" });
    // Where it says when, that is later.
    const [before, after] = [first.claims["auth_time"], second.claims["auth_time"]];
    expect(before === undefined || Number(after) > Number(before)).toBe(true);
  });

  it("oidcc-prompt-none-not-logged-in", async () => {
    const rp = await relyingParty();
    const { url, state } = rp.request({ prompt: "none", state: "s".repeat(128) });
    const arrival = await provider().newPerson().open(url);
    expect(arrival.steps).toEqual([]);
    expect(NEEDS_PEOPLE).toContain(rp.checkError(arrival, state));
  });

  it("oidcc-prompt-none-logged-in", async () => {
    await expectSameAgain(() => ({ prompt: "none" }));
  });

  it("oidcc-max-age-1", async () => {
    const { first, second } = await expectSignInAgain(2, { max_age: "1" });
    expect(second.claims["auth_time"]).toSatisfy((time) => Math.abs(Number(time) - Date.now() / 1000) < 10);
    const before = first.claims["auth_time"];
    expect(before === undefined || Number(second.claims["auth_time"]) > Number(before)).toBe(true);
  });

  it("oidcc-max-age-10000", async () => {
    const { first, second } = await expectSameAgain(() => ({ max_age: "10000" }), { max_age: "15000" });
    for (const { claims } of [first, second]) expect(claims["auth_time"]).toEqual(expect.any(Number));
  });

  it("oidcc-id-token-hint", async () => {
    await expectSameAgain(({ idToken }) => ({ prompt: "none", id_token_hint: idToken }));
  });

  it("oidcc-ensure-request-with-acr-values-succeeds", async () => {
    const { metadata } = await relyingParty();
    const [acr = "1"] = (metadata["acr_values_supported"] ?? []) as string[];
    const { tokens } = await expectSignedIn({ acr_values: acr });
    if (tokens.claims["acr"] !== undefined) expect(tokens.claims["acr"]).toBe(acr);
  });

  it("oidcc-codereuse", async () => {
    const rp = await relyingParty();
    const { flow } = await rp.signIn(provider().newPerson());
    expect(await rp.exchange(flow)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  it("oidcc-codereuse-30seconds", async () => {
    const rp = await relyingParty();
    const tokens = await rp.signIn(provider().newPerson());
    await rp.userinfo(tokens);
    pass(30);
    expect(await rp.exchange(tokens.flow)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const { status } = await rp.ask(rp.metadata.userinfo_endpoint, {
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    });
    expect(status).toBe(401);
  });

  it("oidcc-ensure-registered-redirect-uri", async () => {
    const rp = await relyingParty();
    const { url } = rp.request({ redirect_uri: `${REDIRECT_URI}/not-registered` });
    const { page, steps } = await provider().newPerson().open(url);
    expect([page?.status, steps]).toEqual([400, []]);
  });

  it("oidcc-ensure-post-request-succeeds", async () => {
    const rp = await relyingParty();
    const { url, state, verifier, nonce } = rp.request();
    const arrival = await provider().newPerson().open(rp.metadata.authorization_endpoint, { form: url.searchParams });
    const code = rp.checkCode(arrival, state);
    const answer = await rp.askForTokens({
      grant_type: "authorization_code",
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    });
    expect(await rp.userinfo(await rp.checkTokens(answer, nonce))).toHaveProperty("sub");
  });

  it("oidcc-server-client-secret-post", async () => {
    const rp = await relyingParty(provider().clients.post);
    expect(rp.metadata["token_endpoint_auth_methods_supported"]).toContain("client_secret_post");
    expect(await rp.userinfo(await rp.signIn(provider().newPerson()))).toHaveProperty("sub");
  });

  it("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", async () => {
    const rp = await relyingParty();
    const { url, state } = rp.request({ request_uri: "https://rp.example/request.jwt" });
    expect(rp.metadata["request_uri_parameter_supported"]).toBe(false);
    expect(rp.checkError(await provider().newPerson().open(url), state)).toBe("request_uri_not_supported");
  });

  it("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", async () => {
    const rp = await relyingParty();
    const { url, state } = rp.request();
    url.searchParams.set("request", unsigned(Object.fromEntries(url.searchParams)));
    expect(rp.metadata["request_parameter_supported"]).not.toBe(true);
    expect(rp.checkError(await provider().newPerson().open(url), state)).toBe("request_not_supported");
  });

  it("oidcc-claims-essential", async () => {
    // Whoever does not know the parameter leaves it alone (OIDC Core §5.5).
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    await expectSignedIn({ claims });
  });

  it("oidcc-ensure-request-object-with-redirect-uri", async () => {
    const rp = await relyingParty();
    const { url } = rp.request();
    const request = unsigned(Object.fromEntries(url.searchParams));
    url.searchParams.set("request", request);
    url.searchParams.set("redirect_uri", `${REDIRECT_URI}/not-registered`);
    const { page, steps } = await provider().newPerson().open(url);
    expect([page?.status, steps]).toEqual([400, []]);
  });

  it("oidcc-refresh-token", async () => {
    const [rp, other, person] = [await relyingParty(), await relyingParty(provider().clients.second), provider().newPerson()];
    const wanted = { scope: "openid offline_access", prompt: "consent" };
    const first = await rp.signIn(person, wanted);
    pass(5);
    const answer = await rp.askForTokens({ grant_type: "refresh_token", refresh_token: first.refreshToken ?? "" });
    expect(answer.status).toBe(200);
    const { id_token: idToken, access_token: accessToken = "" } = answer.body as Partial<Record<string, string>>;
    if (idToken !== undefined) {
      const again = await rp.checkIdToken(idToken, nonceIn(idToken, first.flow.nonce));
      for (const name of ["iss", "sub", "aud", "auth_time"]) expect([name, again[name]]).toEqual([name, first.claims[name]]);
      expect(again.iat).toBeGreaterThan(first.claims.iat ?? 0);
    }
    await rp.userinfo({ accessToken, claims: first.claims });

    const theirs = await other.signIn(person, wanted);
    const refused = await rp.askForTokens({ grant_type: "refresh_token", refresh_token: theirs.refreshToken ?? "" });
    expect(refused).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });
});

/** A refreshed ID token should have none, or else the one of before (OIDC Core §12.2). */
function nonceIn(idToken: string, nonce: string | undefined): string | undefined {
  return decodeJwt(idToken)["nonce"] === undefined ? undefined : nonce;
}

function unsigned(claims: object): string {
  return [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".") + ".";
}
