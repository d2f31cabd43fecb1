import { describe, expect, it } from "vitest";
import { ADA, CALLBACK, queryOf, sentBack, startAuthorization } from "../../../test/authorization.ts";
import type { Request } from "../../../test/authorization.ts";
import { ANY_TEXT, TestClient } from "../../../test/test-server.ts";

const firstParty = { firstParty: true };

const REGISTERED = [
  CALLBACK,
  "https://app.example/other?tenant=1",
  "http://127.0.0.1:8080/cb",
  "http://[::1]/cb",
  "http://localhost:3000/cb",
];

/** None of them is registered, however much it looks like one that is. */
const FOREIGN = [
  "https://evil.example/callback",
  "https://app.example",
  "https://app.example/",
  "https://app.example/callback/",
  "https://app.example/callback?",
  "https://app.example/callback?x=1",
  "https://app.example/callback#",
  "https://app.example/callback#x",
  "https://app.example/Callback",
  "https://APP.example/callback",
  "HTTPS://app.example/callback",
  "http://app.example/callback",
  "https://app.example:443/callback",
  "https://app.example./callback",
  "https://app.example//callback",
  "https://app.example/./callback",
  "https://app.example/x/../callback",
  "https://app.example/callback/../callback",
  "https://app.example/%63allback",
  "https://app.example/callback%00",
  "https://app.example/callback\0",
  "https://app.example/callback\r\nSet-Cookie: a=b",
  "https://app.example/callback ",
  " https://app.example/callback",
  "https://app.example\\@evil.example/callback",
  "https://app.example@evil.example/callback",
  "https://user@app.example/callback",
  "https://user:password@app.example/callback",
  "https://app.example.evil.example/callback",
  "https://app.example\\callback",
  "https:/app.example/callback",
  "https:app.example/callback",
  "//app.example/callback",
  "/callback",
  "https://app.example/other",
  "https://app.example/other?tenant=2",
  "https://app.example/other?tenant=1&tenant=2",
  "https://app.example/callbаck", // a Cyrillic а
  "https://app.example/callback\u200b",
  "javascript:alert(1)",
  "data:text/html,x",
  `https://app.example/callback?${"x".repeat(4000)}`,
  // Of a loopback address the port alone may differ.
  "https://127.0.0.1:8080/cb",
  "http://127.0.0.1:8080/cb/",
  "http://127.0.0.1:8080/CB",
  "http://127.0.0.1:8080/cb?x=1",
  "http://127.0.0.1:99999/cb",
  "http://127.0.0.1:/cb",
  "http://127.0.0.1:80x/cb",
  "http://127.0.0.2:8080/cb",
  "http://127.1:8080/cb",
  "http://2130706433:8080/cb",
  "http://0.0.0.0:8080/cb",
  "http://127.0.0.1.evil.example:8080/cb",
  "http://127.0.0.1:8080@evil.example/cb",
  "http://user@127.0.0.1:8080/cb",
  "http://127.0.0.1:8080\\@evil.example/cb",
  "http://localhost.evil.example:3000/cb",
  "http://localhost:3000.evil.example/cb",
  "http://[::1]:8080/other",
  "http://[::ffff:127.0.0.1]/cb",
  "http://[0:0:0:0:0:0:0:1]/cb",
];

describe("nobody is sent to an address that is not registered, character by character", () => {
  it("neither with a code nor with an error, however the rest of the request is", async () => {
    const { ada, path } = await startAuthorization({ ...firstParty, redirectUris: REGISTERED });
    const misled: unknown[] = [];
    for (const redirect_uri of FOREIGN) {
      for (const rest of [{}, { response_type: "token" }, { prompt: "none" }, { response_mode: "form_post" }]) {
        const { status, location, text } = await ada.get(path({ redirect_uri, ...rest }));
        const leads = /evil|http-equiv="refresh"|<form|javascript:/.exec(text)?.[0];
        if (status !== 400 || location !== null || leads !== undefined) {
          misled.push({ redirect_uri, rest, status, location, leads });
        }
      }
    }
    expect(misled).toEqual([]);
  });

  it("also where several are registered, by one of them it must be", async () => {
    const { ada, path } = await startAuthorization({ ...firstParty, redirectUris: REGISTERED });
    for (const redirect_uri of REGISTERED) {
      const led = await ada.get(path({ redirect_uri }));
      expect(led.location?.startsWith(redirect_uri)).toBe(true);
      expect(sentBack(led)).toMatchObject({ code: ANY_TEXT });
    }
  });

  it.each([
    "http://127.0.0.1/cb",
    "http://127.0.0.1:1/cb",
    "http://127.0.0.1:65535/cb",
    "http://[::1]:49152/cb",
    "http://localhost/cb",
  ])("a program on the device may listen at any port: %s", async (redirect_uri) => {
    const { ada, path } = await startAuthorization({ ...firstParty, redirectUris: REGISTERED });
    expect((await ada.get(path({ redirect_uri }))).location?.startsWith(`${redirect_uri}?code=`)).toBe(true);
  });
});

describe("nobody is sent anywhere if it is not known who asks", () => {
  it.each<[string, Request]>([
    ["no client", { client_id: "" }],
    ["an unknown client", { client_id: "nobody" }],
    ["a client that is none in any database", { client_id: "a\0b" }],
    ["two clients", { client_id: ["nobody", "nobody"] }],
    ["no redirect URI", { redirect_uri: "" }],
    ["the redirect URI twice", { redirect_uri: [CALLBACK, CALLBACK] }],
    ["two redirect URIs", { redirect_uri: [CALLBACK, "https://evil.example"] }],
    ["a request of any length", { state: "x".repeat(7000) }],
  ])("%s", async (_, request) => {
    const { ada, path } = await startAuthorization(firstParty);
    const page = await ada.get(path(request));
    expect(page).toMatchObject({ status: 400, location: null });
    expect(page.text).toContain("<title>This app’s link does not work");
    expect(page.text).not.toMatch(/nobody|evil|xxx/);
  });

  it("what is not percent-encoded text is refused, and nothing of it stands on the page", async () => {
    const { ada, path } = await startAuthorization(firstParty);
    for (const odd of ["%ff", "%E0%A4%A", "%"]) {
      expect(await ada.get(`${path()}&state2=${odd}`)).toMatchObject({ status: 400, location: null });
    }
  });

  it("a client that was deleted is unknown at once", async () => {
    const { ada, path, server, client } = await startAuthorization(firstParty);
    await server.clients.delete(client.clientId);
    expect(await ada.get(path())).toMatchObject({ status: 400, location: null });
  });

  it("a program is told in JSON, a person in their language", async () => {
    const { ada, path, server } = await startAuthorization(firstParty);
    const { status, body } = await new TestClient(server).call("GET", path({ client_id: "nobody" }));
    expect({ status, body }).toMatchObject({ status: 400, body: { error: "invalid_request", error_description: ANY_TEXT } });
    expect((await ada.get(path({ client_id: "nobody", ui_locales: "ko" }))).text).toContain("앱의 링크를 사용할 수 없습니다");
  });

  it("a form that is too long, of another type, or of somebody else's is sent nowhere either", async () => {
    const { stranger, standard } = await startAuthorization(firstParty);
    const post = (body: Record<string, string>, headers: Record<string, string> = {}) =>
      stranger().post("/oauth/authorize", body, headers);
    expect(await post({ ...standard, state: "x".repeat(7000) })).toMatchObject({ status: 400, location: null });
    expect(await post({ ...standard, state: "x".repeat(70_000) })).toMatchObject({ status: 413, location: null });
    expect(await post(standard, { "content-type": "text/plain" })).toMatchObject({ status: 415, location: null });
    // With us alone: what the form asks for is judged there.
    expect((await post({ ...standard, redirect_uri: "https://evil.example" })).location).toMatch(
      /^http:\/\/localhost:4000\/auth\/oauth\/authorize\?/,
    );
  });
});

describe("sign-in leads back to a request of any length, and nowhere else", () => {
  it("return_to is long for the authorization endpoint only", async () => {
    const { stranger, path } = await startAuthorization(firstParty);
    const long = `http://localhost:4000/auth${path({ nonce: "n".repeat(4000) })}`;
    const led = await stranger().submit(`/sign-in?${queryOf({ return_to: long })}`, ADA);
    expect(led.text).toContain('http-equiv="refresh" content="0;url=http://localhost:4000/auth/oauth/authorize?');
    for (const other of [long.replace("/oauth/authorize", "/elsewhere"), long.replace("localhost:4000", "evil.example")]) {
      const elsewhere = await stranger().submit(`/sign-in?${queryOf({ return_to: other })}`, ADA);
      expect(elsewhere.location).toBe("/auth/account");
    }
  });
});
