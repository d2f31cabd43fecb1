import { DatabaseSync, StatementSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createOwnTable } from "../../../../test/own-table.ts";
import { forgotten, FROM, linkIn, openMailbox, startMailing, startWithAda, tokenIn } from "../../../../test/mailbox.ts";
import { ANY_TEXT, MINUTE, PASSWORD, refusal, startTestServer, temporaryFile, TestClient } from "../../../../test/test-server.ts";

const ask = (client: TestClient, email: unknown, from?: string, headers: Record<string, string> = {}) =>
  client.call("POST", "/password/forgot", { body: { email }, from, headers });

/** What the database has been asked since now. */
function listenToDatabase(): () => string[] {
  const spies = (["run", "all", "get"] as const).map((name) => vi.spyOn(StatementSync.prototype, name));
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return () =>
    spies
      .flatMap(({ mock }) =>
        mock.contexts.map((context, i) => ({
          order: mock.invocationCallOrder[i] ?? 0,
          sql: (context as StatementSync).sourceSQL,
        })),
      )
      .toSorted((one, other) => one.order - other.order)
      .map(({ sql }) => sql);
}

describe("POST /password/forgot", () => {
  it("202: a link is mailed to the address of the account, in the language of the request", async () => {
    const { client, mailbox } = await startWithAda();
    const answer = await ask(client, " ADA@example.com ", undefined, { "accept-language": "ko-KR, en;q=0.5" });
    expect(answer.status).toBe(202);
    expect(answer.body).toBeNull();
    const mail = await mailbox.about("비밀번호 재설정");
    expect(mail.to).toEqual({ name: "", address: "ada@example.com" });
    expect(linkIn(mail).href).toMatch(/^http:\/\/localhost:4000\/auth\/reset-password\?ui_locales=ko#[\w-]{43}$/);
    expect(mail.text).toContain("10분");
  });

  it("the same answer after the same work, whether anybody has the address or not: every statement is counted", async () => {
    const { server, mailbox, tokens } = await startWithAda();
    const { user } = await new TestClient(server).signup("disabled@example.com");
    await mailbox.arrived(2);
    await server.users.disable(user.id);
    const client = new TestClient(server);
    const said = listenToDatabase();
    const told = async (email: string) => {
      const before = said().length;
      const { status, headers, body } = await ask(client, email);
      const statements = said().slice(before);
      // Whatever becomes of it in the outbox is over before the next one.
      await vi.waitFor(
        () =>
          expect(
            said()
              .slice(before)
              .some((sql) => sql.startsWith('delete from "mails"')),
          ).toBe(true),
        { timeout: 20_000, interval: 5 },
      );
      // Without what the server looks at by itself now and then.
      const own = statements.filter(
        (sql) =>
          /"(?:limits|audit|mails|mail_links|users)"|^(?:begin|commit)/.test(sql) && !/from "mails" where "due_at"/.test(sql),
      );
      return { answer: { status, body, headers: [...headers] }, statements: own };
    };
    await told("first@example.com");
    const [known, unknown, locked] = [
      await told("ada@example.com"),
      await told("nobody@example.com"),
      await told("disabled@example.com"),
    ];
    expect(known.statements.length).toBeGreaterThan(2);
    expect(known.statements.some((sql) => sql.includes("insert into \"mails\""))).toBe(true);
    expect(known.statements.filter((sql) => /"users"/.test(sql))).toEqual([]);
    expect(unknown).toEqual(known);
    expect(locked).toEqual(known);
    await mailbox.about("Reset your");
    expect(mailbox.messages.map(({ to }) => to.address)).toEqual([tokens.user.email, "disabled@example.com", tokens.user.email]);
  });

  it("the mail goes to the address as the account has it: a lookalike that lower-casing makes the same gets nothing else", async () => {
    const { client, mailbox } = await startWithAda();
    await client.signup("kim@example.com");
    // KELVIN SIGN: its lower case is k.
    await ask(client, "\u212Aim@example.com");
    expect((await mailbox.about("Reset your")).to.address).toBe("kim@example.com");
  });

  it("no secret is at rest: neither the database nor a mail that waits holds what the link holds", async () => {
    const file = temporaryFile();
    const mailbox = openMailbox();
    let isDown = true;
    const transport = (message: Parameters<typeof mailbox.send>[0]): void => {
      mailbox.send(message);
      if (isDown) throw new Error("Down");
    };
    const server = await startTestServer({ databaseUrl: `sqlite:${file}`, mail: { from: FROM, transport } });
    const client = new TestClient(server);
    await client.signup();
    await mailbox.about("Confirm your");
    const token = await forgotten(client, mailbox);
    const rows = (): string => {
      const database = new DatabaseSync(file, { readOnly: true });
      const all = ["mails", "mail_links", "audit"].map((table) =>
        JSON.stringify(database.prepare(`select * from ${table}`).all()),
      );
      database.close();
      return all.join("\n");
    };
    expect(rows()).toContain("reset_password");
    expect(rows()).not.toContain(token);
    isDown = false;
    server.time.now += MINUTE;
    await ask(client, "nobody@example.com");
    await vi.waitFor(() => expect(rows()).toContain("mail_sent"), { timeout: 20_000, interval: 10 });
    expect(rows()).not.toContain(token);
    // The same link each time that it is sent.
    expect(
      (await client.call("POST", "/password/reset", { body: { token, newPassword: "an entirely different one" } })).status,
    ).toBe(204);
  });

  it("a flood bombs nobody's mailbox, and leaves the owner's own browser a way in", async () => {
    const { server, client, mailbox } = await startWithAda();
    const stranger = new TestClient(server);
    // One address, then many: five from one, ten in all.
    for (let i = 0; i < 8; i++) expect((await ask(stranger, "ada@example.com", "198.51.100.1")).status).toBe(202);
    for (let i = 0; i < 20; i++) expect((await ask(stranger, "ada@example.com", `192.0.2.${i}`)).status).toBe(202);
    const resets = () => mailbox.messages.filter(({ subject }) => subject.startsWith("Reset")).length;
    await vi.waitFor(async () => {
      const given = (await server.audit.list({ limit: 1000, types: ["mail_undelivered"] })).filter(
        ({ detail }) => detail["why"] === "too many",
      );
      // The confirmation at sign-up was one of the ten.
      expect(given).toHaveLength(5 + 20 - 9);
    }, { timeout: 20_000, interval: 10 });
    expect(resets()).toBeLessThanOrEqual(9);
    const before = resets();
    await ask(client, "ada@example.com", "203.0.113.99");
    await vi.waitFor(() => expect(resets()).toBe(before + 1), { timeout: 20_000, interval: 5 });
  });

  it("429: one address may ask for so many mails, whosever they are", async () => {
    const { client } = await startMailing();
    const asked = [];
    for (let i = 0; i < 32; i++) asked.push((await ask(client, `someone-${i}@example.com`)).status);
    expect(asked).toEqual([...Array.from({ length: 30 }, () => 202), 429, 429]);
  });

  it("400 invalid_field: what is no address; and what could be read as two is sent nothing", async () => {
    const { client, mailbox } = await startWithAda();
    for (const email of ["ada", "", null, 7, ["ada@example.com"], "ada@example.com\r\nBcc: eve@example.com", "a@b@c"]) {
      expect(refusal(await ask(client, email))).toEqual({
        status: 400,
        error: "invalid_request",
        reason: "invalid_field",
        field: "email",
      });
    }
    await client.signup("ada@example.com,eve@evil.example".replace("@example.com", ""));
    await client.signup("<eve>@evil.example");
    await client.signup("grace@example.com");
    await mailbox.arrived(2);
    expect(mailbox.messages.map(({ to }) => to.address)).toEqual(["ada@example.com", "grace@example.com"]);
  });

  it("403 csrf_failed: a page of another site makes nobody's browser ask", async () => {
    const { client, mailbox } = await startWithAda();
    const answer = await ask(client, "ada@example.com", undefined, { origin: "https://evil.example" });
    expect(refusal(answer)).toEqual({ status: 403, error: "csrf_failed" });
    expect(mailbox.messages).toHaveLength(1);
  });

  it("404: without mail", async () => {
    const client = new TestClient(await startTestServer());
    expect(refusal(await ask(client, "ada@example.com"))).toEqual({ status: 404, error: "not_found" });
  });

  it("with a table of the application's own a password is reset there, and addresses are its own affair", async () => {
    const table = createOwnTable();
    table.add("ada@example.com", PASSWORD);
    table.add("link@example.com", null);
    const { server, client, mailbox } = await startMailing({ users: table.directory });
    // Who has no password gets none by mail.
    await ask(client, "link@example.com");
    const token = await forgotten(client, mailbox);
    const newPassword = "an entirely different one";
    expect((await client.call("POST", "/password/reset", { body: { token, newPassword } })).status).toBe(204);
    expect(refusal(await client.call("POST", "/password/reset", { body: { token, newPassword } }))).toEqual({
      status: 400,
      error: "invalid_link",
    });
    const login = (password: string) =>
      client.call<{ accessToken: string }>("POST", "/login", { body: { email: "ada@example.com", password } });
    expect((await login(PASSWORD)).status).toBe(401);
    const { status, body } = await login(newPassword);
    expect(status).toBe(200);
    const change = { newEmail: "new@example.com", currentPassword: newPassword };
    for (const answer of [
      await client.call("POST", "/email", { bearer: body.accessToken, body: change }),
      await client.call("POST", "/email/verification", { bearer: body.accessToken }),
      await client.call("POST", "/email/verify", { body: { token } }),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { error: "not_found", error_description: ANY_TEXT } });
    }
    await new TestClient(server).signup("grace@example.com");
    expect(mailbox.messages.filter(({ to }) => to.address === "grace@example.com")).toEqual([]);
    expect((await client.call("GET", "/settings")).body).toMatchObject({ passwordReset: true, emailChange: false });
    expect(tokenIn(mailbox.messages[0] ?? { text: "" })).toBe(token);
  });
});
