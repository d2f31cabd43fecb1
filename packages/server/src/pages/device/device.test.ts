import { describe, expect, it } from "vitest";
import { startDevices, tokenIn } from "../../../test/device-client.ts";
import { ADA, signInThere } from "../../../test/authorization.ts";
import { countEarlier } from "../../../test/earlier-tries.ts";
import { PageClient } from "../../../test/page-client.ts";
import { basic, refusal, TestClient } from "../../../test/test-server.ts";

const PENDING = { status: 400, error: "authorization_pending" };

describe("the page for devices", () => {
  it("asks who is there first, and then for the code that a link has brought along", async () => {
    const { begin, stranger } = await startDevices();
    const { verification_uri_complete: link, user_code: shown } = (await begin()).body;
    const page = stranger();
    const toSignIn = await page.get(link);
    expect(toSignIn.status).toBe(303);
    const entered = await signInThere(page, toSignIn, ADA);
    expect(entered.text).toContain(`value="${shown}"`);
    expect(entered.text).toContain("Connect a device");
    expect(entered.text).not.toContain("Shop");
  });

  it("names the client, what it asks for, the code, where it came from and whose account it is about, and warns", async () => {
    const { begin, enter, passMinutes, app } = await startDevices({}, { pages: { name: "Bookshop" } });
    const { user_code: shown } = (await begin({}, { authorization: basic(app), "user-agent": "living-room-tv/2.1" })).body;
    passMinutes(3);
    const { status, text, headers } = await enter(shown.toLowerCase().replace("-", " "));
    expect(status).toBe(200);
    for (const part of [
      "Shop asks to use your Bookshop account",
      "ada@example.com",
      shown,
      "living-room-tv",
      "203.0.113.7",
      "3 minutes ago",
    ])
      expect(text).toContain(part);
    for (const part of [
      "See your e-mail address",
      "Use the permission “orders:read”",
      "If somebody sent you the code or a link, cancel",
    ])
      expect(text).toContain(part);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("lets another account decide, which then types the code itself", async () => {
    const { begin, enter, ada } = await startDevices();
    const { user_code: shown } = (await begin()).body;
    const other = /href="([^"]+)">Use another account/.exec((await enter(shown)).text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const entered = await signInThere(ada, { ...(await ada.get(other)), location: other });
    expect(entered.text).toContain("Connect a device");
    expect(entered.text).toContain(`value="${shown}"`);
  });

  it("escapes what a device says of itself", async () => {
    const { begin, enter, app } = await startDevices();
    const { user_code: shown } = (await begin({}, { authorization: basic(app), "user-agent": "tv<script>alert(1)</script>" }))
      .body;
    const { text } = await enter(shown);
    expect(text).toContain(shown);
    expect(text).not.toContain("<script>alert");
  });

  it("tells the person that they are done, and the device", async () => {
    const { begin, decide, poll } = await startDevices();
    const [one, two] = [(await begin()).body, (await begin()).body];
    expect((await decide(one.user_code)).text).toContain("Your device is connected");
    expect((await decide(two.user_code, "deny")).text).toContain("Nothing was allowed");
    expect((await poll(one.device_code)).status).toBe(200);
    expect(refusal(await poll(two.device_code))).toMatchObject({ error: "access_denied" });
  });

  it("speaks Korean", async () => {
    const { begin, ada } = await startDevices();
    const { user_code: shown } = (await begin()).body;
    expect((await ada.get(`/device?ui_locales=ko&user_code=${shown}`)).text).toContain("기기 연결");
    const { text } = await ada.submit("/device?ui_locales=ko", { user_code: shown });
    expect(text).toContain("Shop");
  });
});

describe("nobody's device is let in by anything but its person's own decision (RFC 8628 §5.4)", () => {
  it("not by a link, however it is made", async () => {
    const { begin, ada, poll } = await startDevices();
    const { user_code: shown, device_code: code } = (await begin()).body;
    for (const more of ["", "&decision=allow", `&decision=allow&form_token=${await ada.formToken("/device")}`]) {
      expect((await ada.get(`/device?user_code=${shown}${more}`)).text).toContain("Connect a device");
    }
    expect(refusal(await poll(code))).toEqual(PENDING);
  });

  it("not by a form of another site", async () => {
    const { begin, ada, poll, enter } = await startDevices();
    const { user_code: shown, device_code: code } = (await begin()).body;
    const form = { form_token: tokenIn((await enter(shown)).text), user_code: shown, decision: "allow" };
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await ada.post("/device", form, headers)).status).toBe(403);
    expect(refusal(await poll(code))).toEqual(PENDING);
  });

  it("not before they have seen the page that names it: no token but that page's will do", async () => {
    const { begin, ada, poll, enter } = await startDevices();
    const [mine, theirs] = [(await begin()).body, (await begin()).body];
    const ofMine = tokenIn((await enter(mine.user_code)).text);
    const ofForm = await ada.formToken("/device");
    for (const token of [ofMine, ofForm, ""]) {
      const answer = await ada.post("/device", { form_token: token, user_code: theirs.user_code, decision: "allow" });
      expect([answer.status, answer.text.includes("Shop asks to use")]).toEqual([400, true]);
    }
    expect(refusal(await poll(theirs.device_code))).toEqual(PENDING);
  });

  it("not by the page of somebody else's session", async () => {
    const { begin, server, poll, enter, ada } = await startDevices();
    const { user_code: shown, device_code: code } = (await begin()).body;
    const thief = new TestClient(server);
    await thief.signup("eve@example.com");
    const eve = new PageClient(server, thief.jar);
    const ofEve = tokenIn((await enter(shown, eve)).text);
    expect((await ada.post("/device", { form_token: ofEve, user_code: shown, decision: "allow" })).status).toBe(400);
    expect(refusal(await poll(code))).toEqual(PENDING);
  });

  it("not twice, and not after it was refused", async () => {
    const { begin, decide, poll, ada, enter } = await startDevices();
    const { user_code: shown, device_code: code } = (await begin()).body;
    const token = tokenIn((await enter(shown)).text);
    await decide(shown, "deny");
    const answer = await ada.post("/device", { form_token: token, user_code: shown, decision: "allow" });
    expect([answer.status, answer.text.includes("This code is no good")]).toEqual([400, true]);
    expect(refusal(await poll(code))).toMatchObject({ error: "access_denied" });
  });

  it("by one of two decisions that come at once, and by no mixture of them", async () => {
    const { begin, ada, poll, enter } = await startDevices();
    const { user_code: shown, device_code: code } = (await begin()).body;
    const token = tokenIn((await enter(shown)).text);
    const press = (decision: string) => ada.post("/device", { form_token: token, user_code: shown, decision });
    const answers = await Promise.all(["allow", "deny", "allow", "deny"].map(press));
    const done = answers.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    const isAllowed = done[0]?.text.includes("is connected");
    expect((await poll(code)).status === 200).toBe(isAllowed);
  });

  it("not without being signed in: the form leads to sign-in, and changes nothing", async () => {
    const { begin, stranger, poll } = await startDevices();
    const { user_code: shown, device_code: code } = (await begin()).body;
    const answer = await stranger().post("/device", { user_code: shown, decision: "allow" });
    expect([answer.status, answer.location?.includes("/sign-in?")]).toEqual([303, true]);
    expect(refusal(await poll(code))).toEqual(PENDING);
  });
});

describe("a code that is no good", () => {
  it("is told from none of the others: made up, too old, decided, or of a client that is gone", async () => {
    const { begin, enter, decide, passMinutes, server, app } = await startDevices();
    const [old, decided] = [(await begin()).body, (await begin()).body];
    await decide(decided.user_code);
    const said = async (code: string): Promise<string> => {
      const { status, text } = await enter(code);
      expect(status).toBe(400);
      return text.replace(/value="[^"]*"|user_code=[\w-]*/g, "");
    };
    const madeUp = await said("BBBB-BBBB");
    expect(madeUp).toContain("This code is no good");
    expect(await said(decided.user_code)).toBe(madeUp);
    passMinutes(10);
    expect(await said(old.user_code)).toBe(madeUp);
    const { user_code: gone } = (await begin()).body;
    await server.clients.delete(app.clientId);
    expect(await said(gone)).toBe(madeUp);
  });

  it("can be guessed ten times in a quarter of an hour by one person, right ones in between or not", async () => {
    const { begin, enter, server } = await startDevices();
    const { user_code: shown } = (await begin()).body;
    for (let i = 0; i < 10; i++) {
      expect((await enter("BBBB-BBBB")).status).toBe(400);
      if (i < 9) expect((await enter(shown)).status).toBe(200);
    }
    const refused = await enter(shown);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "900"]);
    const events = (await server.audit.list({ limit: 100 })).map(({ type, detail }) => [type, detail["budget"]]);
    expect(events.filter(([type]) => type === "device_code_wrong")).toHaveLength(10);
    expect(events).toContainEqual(["limit_reached", "user-code"]);
  });

  it("can be guessed fifty times from one address, whoever does it", async () => {
    const { enter, server, store } = await startDevices();
    const client = new TestClient(server);
    await client.signup("eve@example.com");
    await countEarlier(store, { name: "user-code-address", windowSeconds: 900 }, "203.0.113.7", 49);
    expect((await enter("BBBB-BBBB")).status).toBe(400);
    expect((await enter("BBBB-BBBB", new PageClient(server, client.jar))).status).toBe(429);
  });
});
