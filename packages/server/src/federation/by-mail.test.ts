/** Where people sign in with others and mail is sent: what they are told of, and what a mailbox alone is worth. */
import { describe, expect, it } from "vitest";
import { forgotten, FROM, linkIn, openMailbox, tokenIn } from "../../test/mailbox.ts";
import { PageClient } from "../../test/page-client.ts";
import { PASSWORD, TestClient } from "../../test/test-server.ts";
import { ADA, startWithProvider, Traveller, whoIs } from "../../test/traveller.ts";

/** Whose account there makes one of their own here, where it opens no other. */
const EVE = { sub: "eve-there", email: "eve@elsewhere.example" };
const NEW = "a better password, really";

async function start(more: Parameters<typeof startWithProvider>[0] = {}) {
  const mailbox = openMailbox();
  const started = await startWithProvider({ ...more, config: { mail: { from: FROM, transport: mailbox.send } } });
  return { ...started, mailbox, subjects: () => mailbox.messages.map(({ subject }) => subject) };
}

describe("who comes by another provider", () => {
  it("is told of a new device, by whom it was let in, and led to where devices are signed out; not at the first time, nor again", async () => {
    const { server, provider, ada, mailbox, subjects } = await start();
    await ada.signIn(provider, ADA);
    const phone = new Traveller(server);
    await phone.signIn(provider, ADA);
    const mail = await mailbox.about("New sign-in");
    expect(mail.to.address).toBe(ADA.email);
    expect(mail.text).toContain("signed in to with Works from a device");
    expect(linkIn(mail).pathname).toBe("/auth/account");
    for (const known of [phone, ada]) {
      await known.submit("/account", { task: "sign-out" });
      await known.signIn(provider, ADA);
      expect(await whoIs(known)).toBe(ADA.email);
    }
    await new TestClient(server).signup("grace@example.com");
    await mailbox.about("Confirm your e-mail");
    expect(subjects()).toHaveLength(2);
  });

  it("is told of each that is connected and disconnected", async () => {
    const { provider, others: [guild], ada, mailbox } = await start({ others: ["guild"] });
    await ada.signIn(provider, ADA);
    await ada.signIn(guild ?? provider, { sub: "ada-too", email: "x@y.example" }, "/account", "guild");
    const linked = await mailbox.about("Guild signs you in");
    expect([linked.to.address, linkIn(linked).pathname, tokenIn(linked)]).toEqual([ADA.email, "/auth/account", ""]);
    await ada.submit("/account", { task: "unlink", issuer: provider.issuer, subject: ADA.sub });
    const unlinked = await mailbox.about("Works no longer signs you in");
    expect(unlinked.to.address).toBe(ADA.email);
    expect(unlinked.text).not.toContain("x@y.example");
  });

  it("is told of what an administrator disconnects, but not from where they did", async () => {
    const { server, provider, ada, mailbox } = await start();
    await ada.signIn(provider, ADA);
    const grace = new TestClient(server);
    const { user } = await grace.signup("grace@example.com");
    await server.users.setRoles(user.id, ["user", "admin"]);
    const { accessToken } = await grace.login("grace@example.com");
    const { id = "" } = (await server.users.findByEmail(ADA.email)) ?? {};
    const way = new URLSearchParams({ issuer: provider.issuer, subject: ADA.sub });
    const from = "198.51.100.99";
    expect(
      (await grace.call("DELETE", `/admin/users/${id}/identities?${way.toString()}`, { bearer: accessToken, from })).status,
    ).toBe(204);
    const { text } = await mailbox.about("Works no longer signs you in");
    expect(text).toContain("Time: ");
    expect(text).not.toContain(from);
  });

  it("gets no password by a mailbox alone where the address is verified: no link to a new one, and no change of address without one", async () => {
    const { server, provider, ada, mailbox } = await start({ trustEmail: true });
    await ada.signIn(provider, ADA);
    const stranger = new TestClient(server);
    expect((await stranger.call("POST", "/password/forgot", { body: { email: ADA.email } })).status).toBe(202);
    await stranger.signup("grace@example.com");
    await mailbox.about("Confirm your e-mail");
    expect(mailbox.messages).toHaveLength(1);
    const { text } = await ada.get("/account");
    expect(text).toContain(`<p class="current-email">${ADA.email}`);
    expect(text).not.toContain('name="newEmail"');
    const tried = await ada.submit("/account", { task: "email", newEmail: "eve@example.com", emailPassword: PASSWORD });
    expect(tried.status).toBe(400);
    expect(await whoIs(ada)).toBe(ADA.email);
  });
});

describe("an account that somebody else has made or taken", () => {
  it("trojan identifier: whoever registers an address first, and connects an account of theirs, is out when its owner resets the password", async () => {
    const { server, provider, mailbox } = await start();
    const eve = new Traveller(server);
    await eve.submit("/sign-up", { email: ADA.email, password: PASSWORD });
    await eve.signIn(provider, EVE, "/account");
    await mailbox.about("Works signs you in");
    const ada = new PageClient(server);
    const token = await forgotten(new TestClient(server), mailbox, ADA.email);
    expect((await ada.submit("/reset-password", { token, newPassword: NEW })).status).toBe(200);
    await eve.signIn(provider, EVE);
    expect(await whoIs(eve)).toBe(EVE.email);
  });

  it("whoever takes an address first by a provider that asks for no proof of it is out when its owner resets the password", async () => {
    const { server, provider, mailbox } = await start();
    const eve = new Traveller(server);
    await eve.signIn(provider, { ...EVE, email: ADA.email });
    expect(await whoIs(eve)).toBe(ADA.email);
    const client = new TestClient(server);
    const token = await forgotten(client, mailbox, ADA.email);
    expect((await new PageClient(server).submit("/reset-password", { token, newPassword: NEW })).status).toBe(200);
    expect(await whoIs(eve)).toBeNull();
    expect((await client.call("POST", "/login", { body: { email: ADA.email, password: NEW } })).body).toMatchObject({
      user: { emailVerified: true },
    });
    // Their account there lets them in no more: they are asked for the password.
    await eve.signIn(provider, { ...EVE, email: ADA.email });
    expect(await whoIs(eve)).toBeNull();
  });

  it("what was connected by the owner of a verified address stays, through a reset", async () => {
    const { server, provider, mailbox } = await start();
    const ada = new Traveller(server);
    await ada.submit("/sign-up", { email: ADA.email, password: PASSWORD });
    const { text } = await mailbox.about("Confirm your e-mail");
    await ada.submit("/verify-email", { token: tokenIn({ text }) });
    await ada.signIn(provider, ADA, "/account");
    const token = await forgotten(new TestClient(server), mailbox, ADA.email);
    await ada.submit("/reset-password", { token, newPassword: NEW });
    expect(await whoIs(ada)).toBeNull();
    await ada.signIn(provider, ADA);
    expect(await whoIs(ada)).toBe(ADA.email);
  });

  it("whoever has connected an account of theirs and changed the address is out when that is taken back", async () => {
    const { server, provider, mailbox } = await start();
    const eve = new Traveller(server);
    await eve.submit("/sign-up", { email: ADA.email, password: PASSWORD });
    await eve.submit("/verify-email", { token: tokenIn(await mailbox.about("Confirm your e-mail")) });
    await eve.signIn(provider, EVE, "/account");
    await mailbox.about("Works signs you in");
    await eve.submit("/account", { task: "email", newEmail: "eve@example.com", emailPassword: PASSWORD });
    await eve.submit("/confirm-email", { token: tokenIn(await mailbox.about("Confirm your new")) });
    expect(await whoIs(eve)).toBe("eve@example.com");
    const undo = tokenIn(await mailbox.about("was changed"));
    expect((await new PageClient(server).submit("/undo-email", { token: undo })).status).toBe(200);
    await eve.signIn(provider, EVE);
    expect(await whoIs(eve)).toBe(EVE.email);
  });
});
