import { describe, expect, it } from "vitest";
import { PASSWORD, TestClient, refusal, startSignedIn, startTestServer } from "../../test/test-server.ts";

const ada = { email: "ada@example.com", password: PASSWORD };
const passwords = { currentPassword: PASSWORD, newPassword: PASSWORD };

/** What no text field takes. JSON has no undefined: it stands for a missing member. */
const NO_TEXT: unknown[] = [null, 0, 1e308, -0.5, true, [], ["x"], {}, { toString: "x" }];
const BROKEN = ["\ud800", "a\udc00b"];
const CONTROL = ["a\u0000b", "a\u001bb", "a\u0085b"];

const ROUTES: [string, string, object, field: string, wrong: unknown[]][] = [
  [
    "POST",
    "/signup",
    ada,
    "email",
    [undefined, "", ...NO_TEXT, ...BROKEN, ...CONTROL, "a", "a@", "@b", "a@b@c", "a b@c.de", '"a"@b.de'],
  ],
  ["POST", "/signup", ada, "email", [`${"x".repeat(65)}@example.com`, `a@${"x".repeat(253)}`, "a@b\u0000", "a\ud800@b.de"]],
  ["POST", "/signup", ada, "password", [undefined, "", ...NO_TEXT, ...BROKEN, "seven77", "x".repeat(257)]],
  ["POST", "/signup", ada, "name", ["", " ", ...NO_TEXT, ...BROKEN, ...CONTROL, "x".repeat(201)]],
  ["POST", "/signup", ada, "remember", [null, 0, 1, "true", "", [], {}]],
  ["POST", "/signup", ada, "delivery", [null, 0, "", "Cookie", "BODY", "header", [], ["body"], {}]],
  ["POST", "/login", ada, "email", [undefined, "", ...NO_TEXT, ...BROKEN, ...CONTROL, "nobody"]],
  ["POST", "/login", ada, "password", [undefined, "", ...NO_TEXT, ...BROKEN]],
  ["POST", "/login", ada, "remember", [null, "yes"]],
  ["POST", "/login", ada, "delivery", [null, "none"]],
  ["POST", "/refresh", {}, "refreshToken", ["", ...NO_TEXT]],
  ["POST", "/logout", {}, "refreshToken", ["", ...NO_TEXT]],
  ["PATCH", "/me", {}, "name", ["", " ", ...NO_TEXT, ...BROKEN, ...CONTROL]],
  ["POST", "/password", passwords, "currentPassword", [undefined, "", ...NO_TEXT, ...BROKEN]],
  ["POST", "/password", passwords, "newPassword", [undefined, "", ...NO_TEXT, ...BROKEN, "seven77"]],
];

describe("400 invalid_field names the field that is wrong", () => {
  it.each(ROUTES)("%s %s %j: %s", async (method, path, valid, field, wrong) => {
    const { server, client, tokens } = await startSignedIn();
    for (const value of wrong) {
      const body = { ...valid, [field]: value };
      const answer = await client.call(method, path, { body, bearer: tokens.accessToken });
      const expected = { status: 400, error: "invalid_request", reason: "invalid_field", field };
      expect({ value, ...refusal(answer) }).toEqual({ value, ...expected });
      expect(answer.body.error_description).toMatch(new RegExp(`^${field} (is|must) `));
      expect(answer.body.error_description).not.toContain(PASSWORD);
    }
    expect(server.reported).toEqual([]);
  });

  it("of several, the first", async () => {
    const client = new TestClient(await startTestServer());
    expect(refusal(await client.call("POST", "/signup", { body: {} }))).toMatchObject({ field: "email" });
    const body = { email: "ada@example.com", remember: 1, delivery: 1 };
    expect(refusal(await client.call("POST", "/signup", { body }))).toMatchObject({ field: "password" });
  });
});

describe("what is unusual, and allowed", () => {
  it.each([
    "a+tag@example.com",
    "o'hara@example.com",
    "\u00fcser@b\u00fccher.example",
    "\u7528\u6237@\u4f8b\u3048.\u30c6\u30b9\u30c8",
    "x@localhost",
    "%00@example.com",
    "'; drop table users; --@example.com".replaceAll(" ", ""),
  ])("the e-mail address %s", async (email) => {
    const client = new TestClient(await startTestServer());
    expect((await client.signup(email)).user.email).toBe(email.normalize("NFC"));
  });

  it("a password with NUL, controls, emoji and spaces at its ends, all of which count", async () => {
    const client = new TestClient(await startTestServer());
    const password = " \u0000\u001b\u{1F9EE}pass ";
    expect((await client.call("POST", "/signup", { body: { ...ada, password } })).status).toBe(201);
    for (const [tried, status] of [
      [password, 200],
      [password.trim(), 401],
      [password.replace("\u0000", ""), 401],
    ] as const) {
      expect((await client.call("POST", "/login", { body: { ...ada, password: tried } })).status).toBe(status);
    }
  });
});
