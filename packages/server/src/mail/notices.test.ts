/** What people are told without having asked: of a new device, a changed password, a stolen session. */
import { describe, expect, it } from "vitest";
import { startWithAda, tokenIn } from "../../test/mailbox.ts";
import { MINUTE, PASSWORD, TestClient } from "../../test/test-server.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const login = (client: TestClient, more: Record<string, unknown> = {}, from?: string, userAgent = FIREFOX) =>
  client.call("POST", "/login", {
    body: { email: "ada@example.com", password: PASSWORD, ...more },
    from,
    headers: { "user-agent": userAgent },
  });

describe("a new device", () => {
  it("is told of once, with its name, address and time, and a way out that proves nothing", async () => {
    const { server, mailbox } = await startWithAda();
    const phone = new TestClient(server);
    await login(phone, {}, "198.51.100.7");
    const mail = await mailbox.about("New sign-in");
    expect(mail.to.address).toBe("ada@example.com");
    expect(mail.text).toContain("Firefox on Linux");
    expect(mail.text).toContain("198.51.100.7");
    expect(mail.text).toContain("January 1, 2026");
    expect(tokenIn(mail)).toBe("");
    await login(phone, {}, "198.51.100.8");
    await new TestClient(server).signup("grace@example.com");
    await mailbox.arrived(3);
    expect(mailbox.messages.filter(({ subject }) => subject.includes("New sign-in"))).toHaveLength(1);
  });

  it("without a cookie is known by name and network: leaving the cookie out hides nobody", async () => {
    const { server, mailbox } = await startWithAda();
    const told = () => mailbox.messages.filter(({ subject }) => subject.includes("New sign-in")).length;
    const body = { delivery: "body" };
    await login(new TestClient(server), body, "198.51.100.7", "backup-tool/2.1");
    await mailbox.arrived(2);
    await login(new TestClient(server), body, "198.51.100.7", "backup-tool/2.1");
    await login(new TestClient(server), body, "192.0.2.1", "backup-tool/2.1");
    await mailbox.arrived(3);
    await login(new TestClient(server), body, "198.51.100.7", FIREFOX);
    await mailbox.arrived(4);
    expect(told()).toBe(3);
  });

  it("is not named by what it calls itself", async () => {
    const { server, mailbox } = await startWithAda();
    await login(new TestClient(server), {}, "198.51.100.7", "evil.example/click");
    const { text, html } = await mailbox.about("New sign-in");
    expect(text + html).not.toContain("evil");
    expect(text).toContain("Device: unknown");
  });
});

it("a changed password is told", async () => {
  const { client, tokens, mailbox } = await startWithAda();
  await client.call("POST", "/password", {
    bearer: tokens.accessToken,
    body: { currentPassword: PASSWORD, newPassword: "a better password, really" },
  });
  const mail = await mailbox.about("password was changed");
  expect(mail.to.address).toBe("ada@example.com");
  expect(mail.text).toContain("/auth/forgot-password");
});

it("a refresh token that is used twice is told, in the language of the settings", async () => {
  const { server, client, mailbox } = await startWithAda();
  const thief = client.copy();
  for (let i = 0; i < 2; i++) {
    server.time.now += MINUTE;
    await client.refresh();
  }
  server.time.now += MINUTE;
  expect((await thief.refresh()).status).toBe(401);
  const mail = await mailbox.about("signed a device out");
  expect(mail.to.address).toBe("ada@example.com");
  expect(mail.text).toContain("/auth/account");
});
