import { describe, expect, it } from "vitest";
import { answer, sentBack, startAuthorization } from "../../../test/authorization.ts";
import { idTokenOf, sidOf } from "../../../test/oauth-client.ts";
import { PageClient } from "../../../test/page-client.ts";
import type { PageAnswer } from "../../../test/page-client.ts";
import { DAY, keysOf, temporaryFile, TestClient } from "../../../test/test-server.ts";

const EVIL = "https://evil.example/callback";
const AFTER = "https://evil.example/signed-out";

async function start() {
  const file = temporaryFile();
  const world = await startAuthorization(
    { postLogoutRedirectUris: ["https://app.example/"] },
    { dynamicRegistration: "open", databaseUrl: `sqlite:${file}` },
  );
  const body = { client_name: "Ostiary Support", redirect_uris: [EVIL], post_logout_redirect_uris: [AFTER] };
  const { body: made } = await new TestClient(world.server).call<{ client_id: string }>("POST", "/oauth/register", { body });
  const clientId = made.client_id;
  const request = { client_id: clientId, redirect_uri: EVIL };
  const keys = await keysOf(file);
  const idToken = (sid: string): string => idTokenOf(keys, { clientId, sid, sub: world.tokens.user.id });
  return { ...world, clientId, request, idToken };
}

const logout = (query: Record<string, string>): string => `/oauth/logout?${new URLSearchParams(query).toString()}`;

/** The page that names the host, and leads there by nothing but its button. */
function expectButton(page: PageAnswer, href: string): void {
  expect([page.status, page.location]).toEqual([200, null]);
  expect(page.text).toContain('<p class="host">evil.example</p>');
  expect(page.text).toContain(`<a class="button" href="${href}`);
  expect(page.text).not.toContain("http-equiv");
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
}

describe("a link to us is none to wherever a stranger has registered", () => {
  it("by a request that is refused: a page names the host, until the user has answered one of ours", async () => {
    const { ada, stranger, path, request } = await start();
    for (const page of [ada, stranger()]) {
      expectButton(await page.get(path({ ...request, scope: "nonsense" })), `${EVIL}?error=invalid_scope`);
      expectButton(await page.get(path({ ...request, response_type: "token" })), `${EVIL}?error=unsupported_response_type`);
    }
    const denied = await answer(ada, await ada.get(path(request)), "deny");
    expect(denied.text).toContain("http-equiv");
    expect(sentBack(denied)).toMatchObject({ error: "access_denied" });
  });

  it("nor by a form that sends itself", async () => {
    const { stranger, path, request } = await start();
    const page = await stranger().get(path({ ...request, response_mode: "form_post", scope: "nonsense" }));
    expect([page.status, page.text.includes("data-submit")]).toEqual([200, false]);
    for (const part of ['<p class="host">evil.example</p>', `<form method="post" action="${EVIL}">`, 'value="invalid_scope"']) {
      expect(page.text).toContain(part);
    }
  });

  it("prompt=none gets a stranger nothing, also after the user has allowed it once", async () => {
    const { ada, path, request } = await start();
    const silent = path({ ...request, prompt: "none" });
    expect(sentBack(await ada.get(silent))).toMatchObject({ error: "consent_required" });
    expect(sentBack(await answer(ada, await ada.get(path(request)), "allow"))).toHaveProperty("code");
    expect(sentBack(await ada.get(silent))).toMatchObject({ error: "consent_required" });
  });

  it("prompt=none shows no page, and an app that the operator has made is led back to at once", async () => {
    const { stranger, path, request } = await start();
    expect(sentBack(await stranger().get(path({ ...request, prompt: "none" })))).toMatchObject({ error: "login_required" });
    const { status, location } = await stranger().get(path({ scope: "nonsense" }));
    expect([status, location]).toEqual([
      303,
      expect.stringContaining("https://app.example/callback?error=invalid_scope") as unknown,
    ]);
  });

  it("by a sign-out that signs nobody out, whatever ID token comes with it", async () => {
    const { stranger, clientId, client, idToken } = await start();
    const asked = { client_id: clientId, post_logout_redirect_uri: AFTER, state: "x" };
    expectButton(await stranger().get(logout(asked)), `${AFTER}?state=x`);
    expectButton(await stranger().get(logout({ ...asked, id_token_hint: idToken("any") })), `${AFTER}?state=x`);
    const own = await stranger().get(logout({ client_id: client.clientId, post_logout_redirect_uri: "https://app.example/" }));
    expect([own.status, own.location]).toEqual([303, "https://app.example/"]);
  });

  it("whom its ID token signs out goes on to it, and so does whoever has said yes to our page", async () => {
    const { server, ada, clientId, tokens, idToken } = await start();
    const asked = { client_id: clientId, post_logout_redirect_uri: AFTER };
    const other = new PageClient(server, new Map(ada.jar));
    const hinted = await ada.get(logout({ ...asked, id_token_hint: idToken(sidOf(tokens.accessToken)) }));
    expect([hinted.status, hinted.location]).toEqual([303, AFTER]);
    server.time.now += DAY;
    expectButton(await other.get(logout(asked)), AFTER);
  });
});
