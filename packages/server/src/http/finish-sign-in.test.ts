/** Both steps of a sign-in by the operations that pages and routes share: who may go on, and what comes after the second only. */
import { HonoRequest } from "hono/request";
import { describe, expect, it, onTestFinished } from "vitest";
import { CLIENT } from "../../test/foreign-provider.ts";
import { ISSUER, keysOf, MINUTE, PASSWORD, SECRET, temporaryFile, TestClient } from "../../test/test-server.ts";
import { addPasskey, codeAt, pendingOf, secondStep, startWithTotp } from "../../test/two-steps.ts";
import { resolveSettings } from "../config.ts";
import { createFederation } from "../federation/federation.ts";
import { oidc } from "../federation/providers.ts";
import { createDataSafe } from "../keys/data-safe.ts";
import { createKeySafe } from "../keys/key-safe.ts";
import { NO_LIMITS } from "../limits/no-limits.ts";
import { systemRandom } from "../random.ts";
import { findPending } from "../second-factors/pending-sign-in.ts";
import { passkeyOptionsFor, passkeySignInOptions, userOfPasskey } from "../second-factors/sign-in-by-passkey.ts";
import { createRefreshTokens } from "../sessions/refresh-token.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { createAccessTokens } from "../tokens/access-token.ts";
import { openPasswords } from "../users/open-passwords.ts";
import { finishSignIn, signIn, signInBy } from "./begin-session.ts";
import type { Begun, Pending } from "./begin-session.ts";
import { createCookies } from "./cookies.ts";
import { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

const OVER = { code: "sign_in_expired" };
const ADA = { email: "ada@example.com", password: PASSWORD };
const DEVICE = { label: "curl", ip: "203.0.113.7", userAgent: null };

/** Ada with her authenticator app, and what routes would work with on the same database. */
async function start() {
  const path = temporaryFile();
  const { server, client, tokens, secret } = await startWithTotp({ databaseUrl: `sqlite:${path}` });
  const store = await openSqlite(path);
  onTestFinished(() => store.close());
  const signInWith = [oidc({ id: "works", name: "Works", issuer: "https://works.example", ...CLIENT })];
  const settings = resolveSettings({ inCode: { issuer: ISSUER, secret: SECRET, signInWith }, environment: {} });
  const [keyring, random, clock] = [await keysOf(path), systemRandom, () => server.time.now];
  const federation = createFederation({ providers: settings.signInWith, issuer: ISSUER, store: store.federation, clock, random });
  const safe = createDataSafe({
    store: store.keys,
    safe: createKeySafe(() => ({ current: SECRET, previous: [] }), random),
    random,
  });
  const common = { store: store.users, audit: store.audit, limits: NO_LIMITS, clock };
  const deps = {
    settings,
    federation,
    mail: null,
    cookies: createCookies({ issuerPath: "/auth", secure: false, clock, random }),
    users: { ...common, passwords: await openPasswords(settings), knowsDevice: () => Promise.resolve(false) },
    factors: { ...common, store: store.secondFactors, safe, name: "Test", passkeys: settings.passkeys, issuers: federation.issuers, random },
    sessions: {
      store: store.sessions,
      keyring,
      refreshTokens: createRefreshTokens(keyring, ISSUER),
      accessTokens: createAccessTokens({ keyring, issuer: ISSUER, audience: [ISSUER], lifetimeSeconds: 900, scopesOfRoles: {}, claims: undefined, clock, random }),
      revocations: { publish() {} },
      policy: { graceSeconds: 10, idleSeconds: 604_800, absoluteSeconds: 2_592_000, rememberSeconds: 7_776_000, binding: "none" },
      clock,
      random,
    },
  } as unknown as HttpDeps;
  const finish = (mfaToken: string, browser: string | null, code = codeAt(server, secret)) =>
    inRequest((c) => finishSignIn(c, deps, mfaToken, { code }, { browser }));
  const ada = (await store.users.find(tokens.user.id))!;
  return { server, client, tokens, store, deps, federation, finish, ada, code: () => codeAt(server, secret) };
}

/** As a route would, while a request is answered. */
async function inRequest<Result>(work: (c: HttpContext) => Promise<Result>): Promise<Result> {
  return work(new HttpContext(new HonoRequest<string>(new Request(ISSUER), "/auth"), { remoteAddress: "203.0.113.7" }, {}));
}

function pendingIn(outcome: Begun | Pending): Pending {
  if ("issued" in outcome) throw new Error("No second step was asked for.");
  return outcome;
}

describe("a sign-in whose first step was taken in a browser", () => {
  it("is finished there, and by nobody who has its token alone", async () => {
    const { server, tokens, client, deps, finish, code } = await start();
    const begin = () => inRequest((c) => signIn(c, deps, ADA, { remember: false, delivery: "cookie", browser: "Ada's" }));
    const { mfaToken } = pendingIn(await begin());
    await addPasskey(client, (await secondStep(client, { mfaToken: await pendingOf(client), code: code() })).body.accessToken);
    server.time.now += MINUTE;
    for (const browser of [null, "another"]) {
      await expect(finish(mfaToken, browser)).rejects.toMatchObject(OVER);
      await expect(passkeyOptionsFor(deps.factors, mfaToken, browser)).rejects.toMatchObject(OVER);
      expect(await findPending(deps.factors, mfaToken, browser)).toBeNull();
    }
    expect((await secondStep(new TestClient(server), { mfaToken, code: code() })).body).toMatchObject({
      error: "sign_in_expired",
    });
    expect(await findPending(deps.factors, mfaToken, "Ada's")).toMatchObject({
      userId: tokens.user.id,
      method: "pwd",
      triesLeft: 5,
    });
    expect((await passkeyOptionsFor(deps.factors, mfaToken, "Ada's")).allowCredentials).toHaveLength(1);
    expect((await finish(mfaToken, "Ada's")).issued.session).toMatchObject({
      methods: ["pwd", "otp"],
      authTime: server.time.now,
    });
    await expect(finish(mfaToken, "Ada's")).rejects.toMatchObject(OVER);
  });

  it("a passkey alone answers the browser that was asked, and names nobody who is disabled", async () => {
    const { server, client, tokens, deps, code } = await start();
    const { accessToken } = (await secondStep(client, { mfaToken: await pendingOf(client), code: code() })).body;
    const { authenticator } = await addPasskey(client, accessToken);
    const findUser = (id: string) => deps.users.store.find(id);
    const { options, passkeyToken } = await passkeySignInOptions(deps.factors, DEVICE, "Ada's");
    const answer = { passkeyToken, passkey: authenticator.get(options) };
    for (const browser of [null, "another"]) {
      await expect(userOfPasskey({ ...deps.factors, findUser }, answer, DEVICE, browser)).rejects.toMatchObject(OVER);
    }
    expect(await userOfPasskey({ ...deps.factors, findUser }, answer, DEVICE, "Ada's")).toMatchObject({
      email: "ada@example.com",
    });
    await server.users.disable(tokens.user.id);
    const again = await passkeySignInOptions(deps.factors, DEVICE);
    const late = { passkeyToken: again.passkeyToken, passkey: authenticator.get(again.options) };
    await expect(userOfPasskey({ ...deps.factors, findUser }, late, DEVICE)).rejects.toMatchObject({
      code: "invalid_credentials",
    });
  });
});

describe("whom another issuer has named", () => {
  it("takes the second step, too: the session has both, and began with that", async () => {
    const { server, store, deps, finish, ada } = await start();
    const before = await store.sessions.listLive(ada.id, server.time.now);
    const { mfaToken, methods } = pendingIn(
      await inRequest((c) =>
        signInBy(c, deps, ada, { provider: "works", at: 0 }, { isNew: false, browser: "Ada's", link: null }),
      ),
    );
    expect(methods).toEqual(["otp", "recovery"]);
    expect(await store.sessions.listLive(ada.id, server.time.now)).toEqual(before);
    server.time.now += 5 * MINUTE;
    const { issued, delivery } = await finish(mfaToken, "Ada's");
    expect([issued.session, delivery]).toMatchObject([{ methods: ["fed", "otp"], authTime: server.time.now }, "cookie"]);
  });

  it("is let in by nothing if they were disabled", async () => {
    const { server, store, deps, ada } = await start();
    await server.users.disable(ada.id);
    const disabled = (await store.users.find(ada.id))!;
    const coming = inRequest((c) =>
      signInBy(c, deps, disabled, { provider: "works", at: 0 }, { isNew: false, browser: "Ada's", link: null }),
    );
    await expect(coming).rejects.toMatchObject({ code: "invalid_credentials" });
  });
});

it("a provider opens an account only once the second step was taken, in the browser that has come from there", async () => {
  const { store, deps, federation, finish, ada } = await start();
  const works = federation.find("works")!;
  const profile = {
    issuer: "https://works.example",
    subject: "ada-there",
    email: ADA.email,
    emailVerified: false,
    name: null,
    label: null,
    authTime: null,
  };
  const name = await federation.keep(works, "Ada's", { profile, email: ADA.email });
  const wishes = { remember: false, delivery: "cookie", browser: "Ada's", link: { provider: "works", name } } as const;
  const { mfaToken } = pendingIn(await inRequest((c) => signIn(c, deps, ADA, wishes)));
  const linked = async () => (await store.federation.find(profile.issuer, profile.subject))?.userId ?? null;
  expect(await linked()).toBeNull();
  await expect(finish(mfaToken, "Ada's", "000000")).rejects.toMatchObject({ code: "invalid_credentials" });
  await expect(finish(mfaToken, "another")).rejects.toMatchObject(OVER);
  expect([await linked(), await federation.look(works, "Ada's", name)]).toMatchObject([null, { email: ADA.email }]);
  await finish(mfaToken, "Ada's");
  expect([await linked(), await federation.look(works, "Ada's", name)]).toEqual([ada.id, null]);
});
