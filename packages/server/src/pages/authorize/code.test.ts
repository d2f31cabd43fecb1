import { describe, expect, it, onTestFinished } from "vitest";
import { sentBack, startAuthorization } from "../../../test/authorization.ts";
import { sidOf } from "../../../test/oauth-client.ts";
import { ANY_TEXT, DAY, ISSUER, keysOf, MINUTE, PASSWORD, START, temporaryFile } from "../../../test/test-server.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import { openSqlite } from "../../stores/sqlite/open-sqlite.ts";
import { createIdTokens } from "../../tokens/id-token.ts";
import type { IdTokenSubject } from "../../tokens/id-token.ts";

/** On a file, so that the test can look at what is kept, and sign as the server does. */
async function onFile() {
  const file = temporaryFile();
  const audience = ["https://api.example", "https://other.example"];
  const started = await startAuthorization({ firstParty: true }, { databaseUrl: `sqlite:${file}`, audience });
  const store = await openSqlite(file);
  onTestFinished(() => store.close());
  return { ...started, store, file };
}

describe("a code", () => {
  it("is kept as a hash, for a minute, with all that was asked for", async () => {
    const { ada, path, store, client, tokens, standard } = await onFile();
    const proofKey = hashOf("a key");
    const request = { nonce: "n-1", dpop_jkt: proofKey, scope: "openid email", resource: "https://api.example" };
    const { code = "" } = sentBack(await ada.get(path(request)));
    expect(await store.oauth.codes.find(code)).toBeNull();
    expect(await store.oauth.codes.find(hashOf(code))).toEqual({
      hash: hashOf(code),
      clientId: client.clientId,
      userId: tokens.user.id,
      signOnId: ANY_TEXT,
      sessionId: ANY_TEXT,
      jti: ANY_TEXT,
      redirectUri: standard.redirect_uri,
      codeChallenge: standard.code_challenge,
      scopes: ["openid", "email"],
      resources: ["https://api.example"],
      nonce: "n-1",
      proofKey,
      createdAt: START,
      expiresAt: START + MINUTE,
      redeemedAt: null,
      replayedAt: null,
    });
  });

  it.each([
    ["openid", true],
    ["offline_access", false],
  ])("for scope %s: that its client is to be told when the session ends is noted: %s", async (scope, isNoted) => {
    const { ada, path, store, tokens, client } = await onFile();
    expect(sentBack(await ada.get(path({ scope })))).toMatchObject({ code: ANY_TEXT });
    const sid = sidOf(tokens.accessToken);
    expect(await store.oauth.signOns.sessionOf(sid, client.clientId)).toBe(isNoted ? sid : null);
  });
});

describe("id_token_hint", () => {
  async function withHints() {
    const started = await onFile();
    const { store, tokens, client, file } = started;
    const user = await store.users.find(tokens.user.id);
    const [session] = await store.sessions.listLive(tokens.user.id, START);
    if (user === null || session === undefined) throw new Error("Ada is not there.");
    const keyring = await keysOf(file);
    const idTokens = createIdTokens({ keyring, issuer: ISSUER, lifetimeSeconds: 60, clock: () => START - DAY });
    const subject: IdTokenSubject = {
      user,
      clientId: client.clientId,
      signOn: session,
      scopes: ["openid"],
      nonce: null,
      accessToken: "x",
    };
    return { ...started, hint: (more: Partial<IdTokenSubject> = {}) => idTokens.issue({ ...subject, ...more }) };
  }

  it("of the user who is there leads on, also when it has expired", async () => {
    const { ada, path, hint } = await withHints();
    expect(sentBack(await ada.get(path({ id_token_hint: hint(), prompt: "none" })))).toMatchObject({ code: ANY_TEXT });
  });

  it("of another user: login_required, or they are asked to sign in", async () => {
    const { ada, path, hint, server, store } = await withHints();
    const { id } = await server.users.create({ email: "grace@example.com", password: PASSWORD });
    const grace = await store.users.find(id);
    const id_token_hint = hint(grace === null ? {} : { user: grace });
    expect(sentBack(await ada.get(path({ id_token_hint, prompt: "none" })))).toMatchObject({ error: "login_required" });
    expect((await ada.get(path({ id_token_hint }))).location).toContain("/auth/sign-in?");
  });

  it("whose key is gone says nothing: who is there goes on, but not where they cannot be asked who they are", async () => {
    const { ada, path, hint, server } = await withHints();
    const id_token_hint = hint();
    await server.keys.withdraw("signing");
    expect(sentBack(await ada.get(path({ id_token_hint, prompt: "none" })))).toMatchObject({
      error: "login_required",
      state: "xyz",
    });
    expect(sentBack(await ada.get(path({ id_token_hint })))).toMatchObject({ code: ANY_TEXT });
  });

  it("that is not of this client, not ours, or no ID token at all: invalid_request", async () => {
    const { ada, path, hint, tokens } = await withHints();
    const ours = hint();
    const bad = [hint({ clientId: "other" }), tokens.accessToken, `${ours.slice(0, -8)}AAAAAAAA`, "x"];
    for (const id_token_hint of bad) {
      expect(sentBack(await ada.get(path({ id_token_hint })))).toMatchObject({ error: "invalid_request", state: "xyz" });
    }
  });
});
