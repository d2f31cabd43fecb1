import { describe, expect, it } from "vitest";
import { auditTypes, MINUTE, PASSWORD, startTestServer, TestClient } from "../../../test/test-server.ts";
import { ADA, leadOf, startWithProvider, Traveller, whoIs } from "../../../test/traveller.ts";
import { codeAt, enrol } from "../../../test/two-steps.ts";
import { oidc } from "../../federation/providers.ts";
import { DUMMY_HASH } from "../../users/hashing/our-hash.ts";
import { english } from "../texts/english.ts";

const GUILD = { others: ["guild"] } as const;

/** Somebody whose password is nobody's here, and whose address another system has verified or not. */
async function known(server: Awaited<ReturnType<typeof startTestServer>>, emailVerified: boolean): Promise<string> {
  const [made] = await server.users.import([{ email: "Ada@Example.com", passwordHash: DUMMY_HASH, emailVerified }]);
  if (made?.outcome !== "created") throw new Error("Not made.");
  return made.id;
}

/** Sends the form with the password on a page. */
function tell(browser: Traveller, { text }: { text: string }, password: string) {
  const action = /action="\/auth([^"]*\/password[^"]*)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? "";
  return browser.post(action, { form_token: field("form_token"), pending: field("pending"), password });
}

describe("an account with the same e-mail is opened", () => {
  it.each([
    { ours: true, theirs: true, trusted: true, opens: true },
    { ours: false, theirs: true, trusted: true, opens: false },
    { ours: true, theirs: false, trusted: true, opens: false },
    { ours: true, theirs: true, trusted: false, opens: false },
    { ours: false, theirs: false, trusted: false, opens: false },
  ])(
    "only where it was verified here ($ours) and there ($theirs) by one that is trusted ($trusted): $opens",
    async ({ ours, theirs, trusted, opens }) => {
      const { provider, server, ada } = await startWithProvider({ trustEmail: trusted });
      const id = await known(server, ours);
      const answer = await ada.signIn(provider, { ...ADA, email_verified: theirs });
      expect(await whoIs(ada)).toBe(opens ? "Ada@Example.com" : null);
      expect(answer.status).toBe(opens ? 303 : 200);
      expect(answer.text.includes(english.linkTitle("Works"))).toBe(!opens);
      const linked = await server.audit.list({ types: ["identity_linked"], userId: id });
      expect(linked.map(({ detail }) => detail)).toEqual(opens ? [{ with: "works", by: "email", label: ADA.email }] : []);
      expect(await server.users.count(2)).toBe(1);
    },
  );

  it.each([
    { email: "ada@gmail.com", opens: true },
    { email: "ada@works.example", hd: "works.example", opens: true },
    { email: "ada@works.example", opens: false },
    { email: "ada@works.example", hd: "other.example", opens: false },
    { email: "ada@notgmail.com", opens: false },
  ])("on Google's word only where it runs the mailbox: $email, $hd: $opens", async ({ email, hd, opens }) => {
    const { provider, server, ada } = await startWithProvider({ trustEmail: "google" });
    await server.users.import([{ email, passwordHash: DUMMY_HASH, emailVerified: true }]);
    await ada.signIn(provider, { ...ADA, email, ...(hd === undefined ? {} : { hd }) });
    expect(await whoIs(ada)).toBe(opens ? email : null);
  });

  it("not to whoever has registered the address first, here: the owner gets no account of theirs, and they none of the owner's", async () => {
    const { provider, server, ada } = await startWithProvider({ trustEmail: true });
    // Eve signs up with Ada's address before Ada comes.
    await new TestClient(server).signup(ADA.email);
    const answer = await ada.signIn(provider, ADA);
    expect(answer.text).toContain(english.linkTitle("Works"));
    expect(await whoIs(ada)).toBeNull();
  });

  it("nor to whoever has registered it first with a provider that has not verified it", async () => {
    const { provider, others: [guild], server, ada } = await startWithProvider({ trustEmail: true, ...GUILD });
    if (guild === undefined) throw new Error("There are two.");
    const eve = new Traveller(server);
    await eve.signIn(guild, { sub: "eve", email: ADA.email, email_verified: false }, "/sign-in", "guild");
    expect(await whoIs(eve)).toBe(ADA.email);
    expect((await ada.signIn(provider, ADA)).text).toContain(english.linkTitle("Works"));
    expect(await whoIs(ada)).toBeNull();
    // Also without a word from there: `"email_verified": "yes"` is none.
    const other = new Traveller(server);
    await other.signIn(provider, { ...ADA, sub: "third", email_verified: "yes" });
    expect(await whoIs(other)).toBeNull();
  });
});

describe("whoever has second factors", () => {
  it("has a provider linked by their address only once they have taken the second step: a failed one leaves nothing", async () => {
    const {
      provider,
      others: [guild],
      server,
      ada,
    } = await startWithProvider({ trustEmail: true, ...GUILD });
    if (guild === undefined) throw new Error("There are two.");
    await ada.signIn(provider, ADA);
    const id = (await server.users.findByEmail(ADA.email))?.id ?? "";
    const page = await ada.get("/account/authenticator");
    const secret = (/class="secret"[^>]*>(.*?)<\/p>/s.exec(page.text)?.[1] ?? "").replaceAll(/<[^>]+>|\s/g, "");
    const enrolmentToken = /name="enrolmentToken" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
    await ada.submit("/account/authenticator", { enrolmentToken, code: codeAt(server, secret, -1) });
    const linkedBy = async () =>
      (await server.audit.list({ types: ["identity_linked"], userId: id })).map(({ detail }) => detail["by"]);

    const there = { ...ADA, sub: "somebody" };
    const eve = new Traveller(server);
    expect((await eve.signIn(guild, there, "/sign-in", "guild")).location).toBe("/auth/sign-in/second-factor");
    for (let tries = 0; tries < 2; tries++) {
      expect((await eve.submit("/sign-in/second-factor", { code: "000000" })).status).toBe(400);
    }
    expect([await whoIs(eve), await linkedBy(), (await server.users.identities(id)).length]).toEqual([null, [], 1]);

    const owner = new Traveller(server);
    await owner.signIn(guild, there, "/sign-in", "guild");
    expect(await server.users.identities(id)).toHaveLength(1);
    await owner.submit("/sign-in/second-factor", { code: codeAt(server, secret) });
    expect([await whoIs(owner), await linkedBy(), (await server.users.identities(id)).length]).toEqual([ADA.email, ["email"], 2]);
  });
});

describe("the password of that account", () => {
  it("opens it, once and for all, and leads where one wanted to go", async () => {
    const { provider, server, ada } = await startWithProvider();
    await new TestClient(server).signup(ADA.email);
    const asked = await ada.signIn(provider, ADA, "/sign-in?return_to=/auth/account");
    expect(asked.text).toContain(ADA.email);
    const wrong = await tell(ada, asked, "wrong");
    expect([wrong.status, wrong.text.includes(english.invalidCredentials)]).toEqual([400, true]);
    const led = await tell(ada, wrong, PASSWORD);
    expect(leadOf(led)).toBe("http://localhost:4000/auth/account");
    expect(await whoIs(ada)).toBe(ADA.email);
    expect((await server.audit.list({ types: ["identity_linked"] }))[0]?.detail).toMatchObject({ with: "works", by: "password" });
    const next = new Traveller(server);
    await next.signIn(provider, ADA);
    expect(await whoIs(next)).toBe(ADA.email);
    // The form is good once.
    expect((await tell(ada, asked, PASSWORD)).status).toBe(400);
  });

  it("is asked of the browser that came back from there, for ten minutes, and counts as any other", async () => {
    const { provider, server, ada } = await startWithProvider();
    await new TestClient(server).signup(ADA.email);
    const asked = await ada.signIn(provider, ADA);
    const thief = new Traveller(server);
    await thief.press();
    expect((await tell(thief, asked, PASSWORD)).text).toContain(english.withProblems.expired("Works"));
    const bare = new Traveller(server, new Map([["ostiary_transaction", ada.jar.get("ostiary_transaction") ?? ""]]));
    expect((await tell(bare, asked, PASSWORD)).text).toContain(english.formExpired);
    let last = await tell(ada, asked, "");
    expect(last.text).toContain(english.passwordMissing);
    for (let tries = 0; tries < 6; tries++) last = await tell(ada, asked, `wrong ${tries}`);
    expect(last.status).toBe(429);
    server.time.now += 30 * MINUTE;
    expect((await tell(ada, asked, PASSWORD)).status).toBe(400);
    expect(await server.audit.list({ types: ["identity_linked"] })).toEqual([]);
  });

  it("is of no use to an account that has none", async () => {
    const { provider, others: [guild], server, ada } = await startWithProvider(GUILD);
    if (guild === undefined) throw new Error("There are two.");
    await ada.signIn(provider, ADA);
    const other = new Traveller(server);
    const asked = await other.signIn(guild, ADA, "/sign-in", "guild");
    expect((await tell(other, asked, PASSWORD)).text).toContain(english.invalidCredentials);
  });
});

describe("on the account page", () => {
  it("providers are connected and disconnected, and open the same account", async () => {
    const { provider, others: [guild], server, ada } = await startWithProvider(GUILD);
    if (guild === undefined) throw new Error("There are two.");
    await ada.signIn(provider, ADA);
    // Whose address it is there does not matter.
    const connected = await ada.signIn(guild, { sub: "guild-ada", email: "lovelace@example.org" }, "/account", "guild");
    expect(connected.location).toBe("/auth/account?notice=identity-linked");
    const page = await ada.get("/account");
    expect(page.text).toContain("lovelace@example.org");
    const other = new Traveller(server);
    await other.signIn(guild, { sub: "guild-ada", email: "x@example.org" }, "/sign-in", "guild");
    expect(await whoIs(other)).toBe(ADA.email);

    const unlink = (issuer: string, subject: string) => ada.submit("/account", { task: "unlink", issuer, subject });
    expect((await unlink(guild.issuer, "guild-ada")).location).toBe("/auth/account?notice=identity-unlinked");
    // Whoever may have come by it is out; whoever has taken it away stays.
    expect([await whoIs(other), await whoIs(ada)]).toEqual([null, ADA.email]);
    const last = await unlink(provider.issuer, ADA.sub);
    expect([last.status, last.text.includes(english.lastWayIn)]).toEqual([409, true]);
    expect((await auditTypes(server)).filter((type) => type.startsWith("identity"))).toEqual([
      "identity_linked",
      "identity_unlinked",
    ]);
  });

  it("a first password is set, others' sessions end, and then the provider can go", async () => {
    const { provider, server, ada } = await startWithProvider();
    await ada.signIn(provider, ADA);
    const other = new Traveller(server);
    await other.signIn(provider, ADA);
    const short = await ada.submit("/account", { task: "set-password", newPassword: "short" });
    expect([short.status, short.text.includes(english.passwordTooShort(8))]).toEqual([400, true]);
    const set = await ada.submit("/account", { task: "set-password", newPassword: PASSWORD });
    expect(set.location).toBe("/auth/account?notice=password-set");
    expect(await whoIs(other)).toBeNull();
    expect((await new TestClient(server).call("POST", "/login", { body: { email: ADA.email, password: PASSWORD } })).status).toBe(
      200,
    );
    // Not twice: from now on the current one is asked for.
    const again = await ada.submit("/account", { task: "set-password", newPassword: "another horse entirely" });
    expect(again.status).toBe(400);
    await ada.submit("/sign-in?prompt=login", { email: ADA.email, password: PASSWORD });
    expect((await ada.submit("/account", { task: "unlink", issuer: provider.issuer, subject: ADA.sub })).location).toContain(
      "identity-unlinked",
    );
  });

  it("what changes the ways in asks for a sign-in that is fresh: at the provider, too", async () => {
    const { provider, others: [guild], server, ada } = await startWithProvider(GUILD);
    if (guild === undefined) throw new Error("There are two.");
    await ada.signIn(provider, ADA);
    const form = await ada.press("/account", {}, "guild");
    expect(form).toContain(guild.issuer);
    const token = await ada.formToken("/account");
    server.time.now += 11 * MINUTE;
    const { text } = await ada.get("/account");
    expect(text).toContain("/auth/sign-in?prompt=login&amp;return_to=");
    expect(text).not.toMatch(/task" value="(?:unlink|set-password)|sign-in\/with/);
    expect((await ada.post("/sign-in/with/guild", { form_token: token, purpose: "link" })).location).toBe("/auth/account");
    for (const task of ["unlink", "set-password"]) {
      const refused = await ada.post("/account", {
        form_token: token,
        task,
        issuer: provider.issuer,
        subject: ADA.sub,
        newPassword: PASSWORD,
      });
      expect([refused.status, refused.text.includes(english.signInAgainFirst)]).toEqual([400, true]);
    }
    const address = await ada.press("/sign-in?prompt=login&return_to=/auth/account");
    expect(new URL(address).searchParams.get("prompt")).toBe("login");
    const nineMinutesAgo = Math.floor(server.time.now / 1000) - 9 * 60;
    const stale = await ada.get(provider.signedIn(address, { ...ADA, auth_time: nineMinutesAgo }));
    expect([stale.status, stale.text.includes(english.withProblems.refused("Works"))]).toEqual([400, true]);
    await ada.signIn(
      provider,
      { ...ADA, auth_time: Math.floor(server.time.now / 1000) },
      "/sign-in?prompt=login&return_to=/auth/account",
    );
    expect((await ada.get("/account")).text).toContain('value="set-password"');
  });

  it("nor is it fresh to come by one that does not say when it asked, where there is a password to ask for", async () => {
    const { provider, server, ada } = await startWithProvider(GUILD);
    await ada.signIn(provider, ADA);
    await ada.submit("/account", { task: "set-password", newPassword: PASSWORD });
    const other = new Traveller(server);
    await other.signIn(provider, ADA);
    const { text } = await other.get("/account");
    expect(text).toContain(english.signInByPasswordFirst);
    const refused = await other.submit("/account", { task: "unlink", issuer: provider.issuer, subject: ADA.sub });
    expect([refused.status, refused.text.includes(english.signInByPasswordFirst)]).toEqual([400, true]);
    expect((await other.submit("/sign-in?prompt=login", { email: ADA.email, password: PASSWORD })).status).toBe(303);
    expect((await other.get("/account")).text).toContain('value="unlink"');
  });

  it("a way in is added to the account of whoever began, and to nobody who is there when it comes back", async () => {
    const { provider, others: [guild], server, ada } = await startWithProvider(GUILD);
    if (guild === undefined) throw new Error("There are two.");
    await ada.signIn(provider, ADA);
    const back = guild.signedIn(await ada.press("/account", {}, "guild"), { sub: "guild-ada", email: ADA.email });
    const now = Math.floor(Date.now() / 1000);
    await ada.signIn(provider, { sub: "bob", email: "bob@example.com", auth_time: now }, "/sign-in?prompt=login");
    const answer = await ada.get(back);
    expect([answer.status, answer.text.includes(english.withProblems.other_account("Guild"))]).toEqual([403, true]);
    // Nor is one begun by a form of the sign-in page, or of another session.
    const token = await new Traveller(server).formToken("/sign-in");
    expect((await ada.post("/sign-in/with/guild", { form_token: token, purpose: "link" })).location).toBe("/auth/account");
    expect((await new Traveller(server).post("/sign-in/with/guild", { form_token: token, purpose: "link" })).location).toMatch(
      /^\/auth\/sign-in/,
    );
    expect(await server.audit.list({ types: ["identity_linked"] })).toEqual([]);
  });

  it("an identity stays with the account it has been connected to", async () => {
    const { provider, others: [guild], server, ada } = await startWithProvider(GUILD);
    if (guild === undefined) throw new Error("There are two.");
    await ada.signIn(provider, ADA);
    const bob = new Traveller(server);
    await bob.signIn(guild, { sub: "bob", email: "bob@example.com" }, "/sign-in", "guild");
    const taken = await ada.signIn(guild, { sub: "bob", email: "bob@example.com" }, "/account", "guild");
    expect([taken.status, taken.text.includes(english.withProblems.taken("Guild"))]).toEqual([409, true]);
    expect(await whoIs(ada)).toBe(ADA.email);
  });
});

it("users in a table of the application's own and other issuers do not go together, and the server says why", async () => {
  const nobody = async () => null;
  const users = { findByEmail: nobody, findById: nobody, create: nobody, update: nobody };
  const signInWith = [oidc({ id: "works", name: "Works", issuer: "https://id.example", clientId: "x" })];
  await expect(startTestServer({ users, signInWith })).rejects.toThrow(
    "signInWith does not go with users in a table of your own",
  );
});

describe("whoever stays signed in on the device still does when a new session takes the place of theirs", () => {
  async function remembering() {
    const { provider, server, ada } = await startWithProvider({ trustEmail: true });
    const client = new TestClient(server);
    const { accessToken, user } = await client.signup(ADA.email);
    server.time.now += 1000;
    await ada.submit("/sign-in", { email: ADA.email, password: PASSWORD, remember: "on" });
    /** How many of her sessions last longer, and how many there are. */
    const remembered = async (): Promise<number[]> => {
      const sessions = await server.sessions.list(user.id);
      return [sessions.filter(({ remember }) => remember).length, sessions.length];
    };
    expect(await remembered()).toEqual([1, 2]);
    return { provider, server, ada, client, accessToken, remembered };
  }
  const again = "/sign-in?prompt=login&need=recent&return_to=%2Fdeed";
  const now = () => ({ ...ADA, auth_time: Math.floor(Date.now() / 1000) });

  it("by way of the password that connects the provider, and by the provider from then on", async () => {
    const { provider, ada, remembered } = await remembering();
    await tell(ada, await ada.signIn(provider, now(), again), PASSWORD);
    expect(await remembered()).toEqual([1, 2]);
    await ada.signIn(provider, now(), again);
    expect(await remembered()).toEqual([1, 2]);
  });

  it("with a second step too", async () => {
    const { provider, server, ada, client, accessToken, remembered } = await remembering();
    await tell(ada, await ada.signIn(provider, now(), again), PASSWORD);
    const { secret } = await enrol(server, client, accessToken);
    await ada.signIn(provider, now(), again);
    await ada.submit("/sign-in/second-factor", { code: codeAt(server, secret) });
    expect(await remembered()).toEqual([1, 2]);
  });

  it("but not in the place of somebody else's, nor where they had not wished for it", async () => {
    const { provider, server, ada, remembered } = await remembering();
    await tell(ada, await ada.signIn(provider, now(), again), PASSWORD);
    const grace = new Traveller(server);
    await grace.signIn(provider, { sub: "grace-there", email: "grace@example.com", email_verified: true });
    await grace.signIn(provider, now(), again);
    const elsewhere = new Traveller(server);
    await elsewhere.signIn(provider, now());
    expect(await remembered()).toEqual([1, 4]);
  });
});
