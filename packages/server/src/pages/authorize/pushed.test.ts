import { decode } from "@ostiary/jwt";
import { describe, expect, it } from "vitest";
import type { NewRegistration } from "../../clients/registration.ts";
import type { OstiaryConfig } from "../../ostiary-config.ts";
import { answer, consentForm, queryOf, sentBack, signInThere, startAuthorization } from "../../../test/authorization.ts";
import type { Request } from "../../../test/authorization.ts";
import { basic, MINUTE, SECOND, TestClient } from "../../../test/test-server.ts";

async function startPushed(registration: Partial<NewRegistration> = {}, config: OstiaryConfig = {}) {
  const all = await startAuthorization(registration, config);
  const { server, client, standard } = all;
  const api = new TestClient(server);
  const headers = { "content-type": "application/x-www-form-urlencoded", authorization: basic(client) };

  /** Where the user is sent with a request that was pushed. */
  async function push(request: Request = {}, more: Request = {}): Promise<string> {
    const { body } = await api.call<{ request_uri: string }>("POST", "/oauth/par", {
      body: queryOf({ ...standard, ...request }),
      headers,
    });
    return `/oauth/authorize?${queryOf({ client_id: client.clientId, request_uri: body.request_uri, ...more })}`;
  }
  return { ...all, push };
}

const isErrorPage = ({ status, location }: { status: number; location: string | null }): boolean =>
  status === 400 && location === null;

describe("a pushed request", () => {
  it("leads through sign-in and consent to a code for what was pushed, however long that takes", async () => {
    const { push, stranger, server } = await startPushed();
    const page = stranger();
    const path = await push({ scope: "openid email", nonce: "n1" });
    server.time.now += 59 * SECOND;
    const toSignIn = await page.get(path);
    expect(toSignIn.location).toMatch(/\/sign-in\?return_to=/);
    expect(decodeURIComponent(toSignIn.location ?? "")).not.toContain("code_challenge");
    server.time.now += 10 * MINUTE;
    const consent = await signInThere(page, toSignIn);
    expect(consent.text).toContain("See your e-mail address");
    server.time.now += 4 * MINUTE;
    const back = sentBack(await answer(page, consent, "allow"));
    expect(back).toMatchObject({ state: "xyz", iss: server.issuer, code: expect.any(String) as unknown });
  });

  it("may be opened again until it is answered, and then by nobody", async () => {
    const { push, ada } = await startPushed();
    const path = await push();
    await ada.get(path);
    const consent = await ada.get(path);
    expect(sentBack(await answer(ada, consent, "allow"))).toHaveProperty("code");
    expect(await ada.get(path)).toSatisfy(isErrorPage);
    const { action, token } = consentForm(consent);
    expect(await ada.post(action, { form_token: token, decision: "allow" })).toSatisfy(isErrorPage);
  });

  it("is answered once, however many tabs come with it at once", async () => {
    const { push, ada } = await startPushed({ firstParty: true });
    const path = await push();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.get(path)));
    expect(answers.filter(({ location }) => location?.includes("code="))).toHaveLength(1);
    expect(answers.filter(isErrorPage)).toHaveLength(19);
  });

  it("is over once its client was told no", async () => {
    const { push, ada } = await startPushed();
    const path = await push();
    expect(sentBack(await answer(ada, await ada.get(path), "deny"))).toMatchObject({ error: "access_denied", state: "xyz" });
    expect(await ada.get(path)).toSatisfy(isErrorPage);
  });

  it("that nobody comes with for a minute is over", async () => {
    const { push, ada, server } = await startPushed();
    const path = await push();
    server.time.now += MINUTE;
    expect(await ada.get(path)).toSatisfy(isErrorPage);
  });

  it("that is opened is over after half an hour, answered or not", async () => {
    const { push, ada, server } = await startPushed();
    const path = await push();
    expect((await ada.get(path)).status).toBe(200);
    server.time.now += 30 * MINUTE - 1;
    expect((await ada.get(path)).status).toBe(200);
    server.time.now += 1;
    expect(await ada.get(path)).toSatisfy(isErrorPage);
  });

  it("is its client's alone (RFC 9126 §7.1), and one that was made up is nobody's", async () => {
    const { push, ada, server, client } = await startPushed({ firstParty: true });
    const other = await server.clients.create({
      name: "Other",
      registration: { redirectUris: ["https://other.example/cb"], firstParty: true },
    });
    const path = await push();
    expect(await ada.get(path.replace(client.clientId, other.clientId))).toSatisfy(isErrorPage);
    expect(
      await ada.get(
        `/oauth/authorize?${queryOf({ client_id: client.clientId, request_uri: `urn:ietf:params:oauth:request_uri:${"A".repeat(43)}` })}`,
      ),
    ).toSatisfy(isErrorPage);
    expect(await ada.get(path.replace(/client_id=[^&]*&/, ""))).toSatisfy(isErrorPage);
    expect(sentBack(await ada.get(path))).toHaveProperty("code");
  });

  it("is all that counts: nothing in the browser's address changes it, and nothing of it stands there", async () => {
    const { push, ada, server } = await startPushed({
      firstParty: true,
      redirectUris: ["https://app.example/callback", "https://app.example/other"],
    });
    const path = await push(
      {},
      { redirect_uri: "https://app.example/other", scope: "openid email", state: "theirs", nonce: "theirs", prompt: "login" },
    );
    const { location } = await ada.get(path);
    expect(new URL(location ?? "").pathname).toBe("/callback");
    expect(sentBack({ location } as never)).toMatchObject({ state: "xyz", iss: server.issuer });
  });

  it("has a way by form, as any request", async () => {
    const { push, ada } = await startPushed({ firstParty: true });
    const query = new URL((await push()), "http://x").searchParams;
    const led = await ada.post("/oauth/authorize", Object.fromEntries(query), {
      origin: "https://app.example",
      "sec-fetch-site": "cross-site",
    });
    expect(sentBack(await ada.get(led.location ?? ""))).toHaveProperty("code");
  });

  it("speaks the language that was pushed, until the reader chooses another", async () => {
    const { push, ada } = await startPushed();
    const path = await push({ ui_locales: "ko" });
    expect((await ada.get(path)).headers.get("content-language")).toBe("ko");
    expect((await ada.get(`${path}&ui_locales=en`)).headers.get("content-language")).toBe("en");
  });

  it("brings what the client wants with it: the answer by form, the user it means", async () => {
    const { push, ada, stranger } = await startPushed({ firstParty: true });
    expect((await ada.get(await push({ response_mode: "form_post" }))).text).toContain('action="https://app.example/callback"');
    expect((await stranger().get(await push({ login_hint: "ada@example.com" }))).location).toContain(
      "login_hint=ada%40example.com",
    );
    expect(sentBack(await stranger().get(await push({ prompt: "none" })))).toMatchObject({ error: "login_required" });
  });

  it("is judged again when the user comes: what the client may no longer have, it is told there", async () => {
    const { push, ada, server, client } = await startPushed({ firstParty: true });
    const path = await push({ scope: "openid email" });
    await server.clients.update(client.clientId, { registration: { scopes: ["openid"] } });
    expect(sentBack(await ada.get(path))).toMatchObject({ error: "invalid_scope" });
  });
});

describe("a request that was not pushed", () => {
  it("is refused for a client that pushes always, which is told so (RFC 9126 §6)", async () => {
    const { path, push, ada } = await startPushed({ firstParty: true, requirePushedAuthorizationRequests: true });
    expect(sentBack(await ada.get(path()))).toMatchObject({ error: "invalid_request", state: "xyz" });
    expect(sentBack(await ada.get(await push()))).toHaveProperty("code");
  });

  it("is refused for all where the setting says so, and discovery tells", async () => {
    const { path, push, ada, server } = await startPushed({ firstParty: true }, { pushedRequests: "required" });
    expect(sentBack(await ada.get(path()))).toMatchObject({ error: "invalid_request" });
    expect(sentBack(await ada.get(await push()))).toHaveProperty("code");
    const { body } = await new TestClient(server).call<Record<string, unknown>>("GET", "/.well-known/openid-configuration");
    expect(body).toMatchObject({
      require_pushed_authorization_requests: true,
      pushed_authorization_request_endpoint: `${server.issuer}/oauth/par`,
    });
  });

  it("gets no code by a consent that was given to it before it had to be pushed", async () => {
    const { path, ada, server, client } = await startPushed();
    const consent = await ada.get(path());
    await server.clients.update(client.clientId, { registration: { requirePushedAuthorizationRequests: true } });
    expect(sentBack(await answer(ada, consent, "allow"))).toMatchObject({ error: "invalid_request" });
  });

  it("by a request_uri of another kind is refused as ever: nothing is fetched from anywhere", async () => {
    const { path, ada } = await startPushed();
    expect(sentBack(await ada.get(path({ request_uri: "https://app.example/request.jwt" })))).toMatchObject({
      error: "request_uri_not_supported",
    });
  });
});

it("ends in tokens like any other", async () => {
  const { push, ada, server, client, standard } = await startPushed({ firstParty: true });
  const { code = "" } = sentBack(await ada.get(await push({ nonce: "n-1" })));
  const form = {
    grant_type: "authorization_code",
    code,
    code_verifier: "a-verifier-of-the-tests-that-is-long-enough-0123",
    redirect_uri: String(standard.redirect_uri),
  };
  const headers = { "content-type": "application/x-www-form-urlencoded", authorization: basic(client) };
  const { status, body } = await new TestClient(server).call<{ id_token: string }>("POST", "/oauth/token", {
    body: queryOf(form),
    headers,
  });
  expect(status).toBe(200);
  expect(decode(body.id_token).claims["nonce"]).toBe("n-1");
});
