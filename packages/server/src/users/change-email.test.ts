/** Changing an address: at the current password's word, by the new mailbox, with a way back for the old one. */
import { describe, expect, it } from "vitest";
import { forgotten, linkIn, startWithAda, tokenIn } from "../../test/mailbox.ts";
import { auditTypes, DAY, PASSWORD, refusal, TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import type { Mailbox } from "../../test/mailbox.ts";

const INVALID = { status: 400, error: "invalid_link" };
const NEW = "new@example.com";

const ask = (client: TestClient, bearer: string, newEmail = NEW, currentPassword = PASSWORD) =>
  client.call("POST", "/email", { bearer, body: { newEmail, currentPassword } });
const post = (client: TestClient, path: string, token: string) => client.call("POST", path, { body: { token } });

/** Changes Ada's address, as she or somebody who has her password would. */
async function changed(client: TestClient, mailbox: Mailbox, bearer: string, newEmail = NEW): Promise<void> {
  await ask(client, bearer, newEmail);
  await mailbox.arrived(mailbox.messages.length + 1);
  await post(client, "/email/confirm", tokenIn(mailTo(mailbox, newEmail)));
}

function mailTo({ messages }: Mailbox, address: string) {
  return messages.findLast(({ to }) => to.address === address) ?? { text: "" };
}

const types = async (server: TestServer) => auditTypes(server);

describe("POST /email and POST /email/confirm", () => {
  it("202, then 204: nothing changes before the new mailbox has confirmed it; then older access tokens are stale", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    expect((await ask(client, tokens.accessToken)).status).toBe(202);
    const mail = await mailbox.about("Confirm your new");
    expect(mail.to.address).toBe(NEW);
    expect((await client.me(tokens.accessToken)).body.user).toMatchObject({ email: "ada@example.com", emailVerified: false });
    expect((await post(client, "/email/confirm", tokenIn(mail))).status).toBe(204);
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ reason: "token_stale" });
    const { user } = (await client.refresh()).body;
    expect(user).toMatchObject({ id: tokens.user.id, email: NEW, emailVerified: true });
    expect((await client.call("POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } })).status).toBe(401);
    expect((await client.login(NEW)).user.id).toBe(tokens.user.id);
    expect((await mailbox.about("was changed")).to.address).toBe("ada@example.com");
    expect(await types(server)).toEqual(expect.arrayContaining(["email_change_requested", "email_changed"]));
    expect(refusal(await post(client, "/email/confirm", tokenIn(mail)))).toEqual(INVALID);
  });

  it("checklist 85: 401 without the current password: an access token alone changes nothing, and may not guess", async () => {
    const { client, tokens, mailbox } = await startWithAda();
    expect(refusal(await client.call("POST", "/email", { body: { newEmail: NEW, currentPassword: PASSWORD } }))).toEqual({
      status: 401,
      error: "missing_token",
    });
    for (let i = 0; i < 5; i++) {
      const wrong = await ask(client, tokens.accessToken, NEW, "wrong");
      expect(refusal(wrong)).toEqual({ status: 401, error: "invalid_credentials", field: "currentPassword" });
    }
    expect((await ask(client, tokens.accessToken)).status).toBe(429);
    expect(mailbox.messages).toHaveLength(1);
  });

  it("never tells a stranger that somebody has an address: its owner is written to, and nothing changes", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await new TestClient(server).signup("grace@example.com");
    await mailbox.arrived(2);
    const [free, taken] = [
      await ask(client, tokens.accessToken, "free@example.com"),
      await ask(client, tokens.accessToken, "GRACE@example.com"),
    ];
    expect([taken.status, taken.body, [...taken.headers.keys()]]).toEqual([free.status, free.body, [...free.headers.keys()]]);
    const mail = await mailbox.about("You have an account");
    expect(mail.to.address).toBe("grace@example.com");
    expect(tokenIn(mail)).toBe("");
    expect(`${mail.text}${mail.html}`).not.toContain("ada");
  });

  it("409 email_taken to who holds the mailbox, where somebody has taken the address meanwhile", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await ask(client, tokens.accessToken);
    const token = tokenIn(await mailbox.about("Confirm your new"));
    await new TestClient(server).signup(NEW);
    expect(refusal(await post(client, "/email/confirm", token))).toEqual({ status: 409, error: "email_taken" });
    expect((await client.me(tokens.accessToken)).body.user.email).toBe("ada@example.com");
  });

  it("a thief's change that waits to be confirmed dies with the password", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await ask(client, tokens.accessToken, "thief@evil.example");
    const stolen = tokenIn(await mailbox.about("Confirm your new"));
    const token = await forgotten(new TestClient(server), mailbox);
    await client.call("POST", "/password/reset", { body: { token, newPassword: "an entirely different one" } });
    expect(refusal(await post(client, "/email/confirm", stolen))).toEqual(INVALID);
  });

  it("a link that verified the address of before, or resets its password, is worthless after the change", async () => {
    const { client, tokens, mailbox } = await startWithAda();
    const verify = tokenIn(mailTo(mailbox, "ada@example.com"));
    const reset = await forgotten(client, mailbox);
    await changed(client, mailbox, tokens.accessToken);
    expect(refusal(await post(client, "/email/verify", verify))).toEqual(INVALID);
    const answer = await client.call("POST", "/password/reset", {
      body: { token: reset, newPassword: "an entirely different one" },
    });
    expect(refusal(answer)).toEqual(INVALID);
  });
});

describe("POST /email/undo", () => {
  it("204: the address is back, everybody is signed out, and who knew the password is out for good", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    const thief = new TestClient(server);
    const stolen = await thief.login();
    await mailbox.about("New sign-in");
    await changed(thief, mailbox, stolen.accessToken, "thief@evil.example");
    const undo = tokenIn(await mailbox.about("was changed"));
    const owner = new TestClient(server);
    expect((await post(owner, "/email/undo", undo)).status).toBe(204);
    expect(owner.jar.size).toBe(0);
    const told = await mailbox.about("was taken back");
    expect([told.to.address, linkIn(told).protocol, told.html.includes("href")]).toEqual(["thief@evil.example", "about:", false]);
    expect(told.text).not.toMatch(/ada|127\.0\.0\.1|Address:/);
    for (const browser of [client, thief]) expect(refusal(await browser.refresh())).toMatchObject({ status: 401 });
    for (const email of ["ada@example.com", "thief@evil.example"]) {
      expect((await thief.call("POST", "/login", { body: { email, password: PASSWORD } })).status).toBe(401);
    }
    const token = await forgotten(owner, mailbox);
    const newPassword = "an entirely different one";
    expect((await owner.call("POST", "/password/reset", { body: { token, newPassword } })).status).toBe(204);
    expect((await owner.login("ada@example.com", { password: newPassword })).user.id).toBe(tokens.user.id);
    expect(refusal(await post(owner, "/email/undo", undo))).toEqual(INVALID);
  });

  it("a thief who signs up with the address anew does not keep it from its owner", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await changed(client, mailbox, tokens.accessToken, "thief@evil.example");
    const undo = tokenIn(await mailbox.about("was changed"));
    const thief = new TestClient(server);
    const squatted = await thief.signup("ada@example.com");
    const owner = new TestClient(server);
    expect((await post(owner, "/email/undo", undo)).status).toBe(204);
    expect(refusal(await thief.me(squatted.accessToken))).toMatchObject({ status: 401, reason: "token_revoked" });
    expect(refusal(await thief.refresh())).toMatchObject({ status: 401 });
    const newPassword = "an entirely different one";
    await owner.call("POST", "/password/reset", { body: { token: await forgotten(owner, mailbox), newPassword } });
    expect((await owner.login("ada@example.com", { password: newPassword })).user.id).toBe(tokens.user.id);
    expect(await types(server)).toEqual(expect.arrayContaining(["email_change_undone", "user_disabled"]));
  });

  it("the only administrator is not disabled by it, whoever they have their address from", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await changed(client, mailbox, tokens.accessToken);
    const undo = tokenIn(await mailbox.about("was changed"));
    const admin = await server.users.create({ email: "ada@example.com", password: PASSWORD, roles: ["user", "admin"] });
    expect(refusal(await post(client, "/email/undo", undo))).toMatchObject({ status: 409, error: "email_taken" });
    await server.users.create({ email: "root@example.com", password: PASSWORD, roles: ["user", "admin"] });
    expect((await post(client, "/email/undo", undo)).status).toBe(204);
    expect(await server.users.find(admin.id)).toMatchObject({ disabledAt: server.time.now });
  });

  it("a second change does not take the first owner's way back away, and the second's own dies with it", async () => {
    const { client, tokens, mailbox } = await startWithAda();
    await changed(client, mailbox, tokens.accessToken, "first@evil.example");
    const owners = tokenIn(await mailbox.about("was changed"));
    const { accessToken } = (await client.refresh()).body;
    await ask(client, accessToken, "second@evil.example");
    await mailbox.arrived(4);
    await post(client, "/email/confirm", tokenIn(mailTo(mailbox, "second@evil.example")));
    await mailbox.arrived(5);
    const thiefs = tokenIn(mailTo(mailbox, "first@evil.example"));
    expect(thiefs).not.toBe(owners);
    expect((await post(client, "/email/undo", owners)).status).toBe(204);
    expect(refusal(await post(client, "/email/undo", thiefs))).toEqual(INVALID);
  });

  it("is good for a week", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    await changed(client, mailbox, tokens.accessToken);
    const token = tokenIn(await mailbox.about("was changed"));
    server.time.now += 7 * DAY;
    expect(refusal(await post(client, "/email/undo", token))).toEqual(INVALID);
    server.time.now -= 1;
    expect((await post(client, "/email/undo", token)).status).toBe(204);
  });
});
