import type { Delivery } from "@ostiary/protocol";
import { linkIdentity } from "../federation/find-person.ts";
import { beginPendingSignIn } from "../second-factors/pending-sign-in.ts";
import type { FirstStep, Pending } from "../second-factors/pending-sign-in.ts";
import { userOfPasskey } from "../second-factors/sign-in-by-passkey.ts";
import { takeSecondStep } from "../second-factors/take-second-step.ts";
import type { SecondStep, StepTaken } from "../second-factors/take-second-step.ts";
import type { AuthenticationResponseJSON } from "../second-factors/webauthn.ts";
import { unproven } from "../sessions/bound-session.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import type { ForeignProof } from "../sessions/create.ts";
import { hashOf } from "../sessions/hash-of.ts";
import { authenticateUser } from "../users/authenticate.ts";
import { createUser } from "../users/create-user.ts";
import type { NewUser } from "../users/create-user.ts";
import { requestSignUp } from "../users/sign-up-by-mail.ts";
import type { User } from "../users/user.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { askerOf, mailFlowDeps, offeredByMail } from "./mail-flow.ts";
import { keyOf, openSession } from "./open-session.ts";
import type { Begun, SessionWishes } from "./open-session.ts";

export type { Begun, Pending, SessionWishes };

/**
 * Signs in, for the API and the hosted pages alike; or takes the first of two steps, for who has a second factor. Throws what
 * `authenticateUser` throws.
 */
export async function signIn(
  c: HttpContext,
  deps: HttpDeps,
  credentials: { readonly email: string; readonly password: string },
  wishes: SessionWishes,
): Promise<Begun | Pending> {
  const known = deps.cookies.readDevice(c);
  const deviceHash = known === null ? null : hashOf(known);
  const user = await authenticateUser(deps.users, { ...credentials, deviceHash }, deviceOf(c), c.req.raw.signal);
  const proofKey = await keyOf(wishes);
  const { remember, delivery, link = null, browser = null } = wishes;
  const first = { method: "pwd", remember, delivery, proofKey, provider: null, link } as const;
  const pending = await beginPendingSignIn(deps.factors, user, first, browser);
  return pending ?? openSession(c, deps, user, { remember, delivery, proofKey }, "login");
}

/**
 * Signs up, and in; null where sign-up tells nobody who has an account: then a mail is on its way. Throws what `createUser`
 * throws, and `too_many_attempts`.
 */
export async function signUp(c: HttpContext, deps: HttpDeps, newUser: NewUser, wishes: SessionWishes): Promise<Begun | null> {
  const device = deviceOf(c);
  await deps.users.limits.signup(device.ip);
  if (deps.settings.signup.concealExisting) {
    await requestSignUp(mailFlowDeps(deps, "addresses"), newUser, askerOf(c), c.req.raw.signal);
    return null;
  }
  // What the address is verified by.
  const mailTo = (made: User) =>
    offeredByMail(deps).addresses
      ? deps.mail?.desk.draft({ kind: "verify_email", userId: made.id, to: made.email, language: askerOf(c).language })
      : undefined;
  // Before there is an account that nobody is signed in to.
  const proofKey = await keyOf(wishes);
  const user = await createUser({ ...deps.users, random: deps.sessions.random }, newUser, device, c.req.raw.signal, mailTo);
  return openSession(c, deps, user, { remember: wishes.remember, delivery: wishes.delivery, proofKey }, "signup");
}

interface ForeignWishes extends Pick<FirstStep, "link"> {
  readonly isNew: boolean;
  readonly browser: string | null;
  readonly remember?: boolean;
}

/**
 * Signs in somebody whom another issuer has named, or takes the first of two steps. Throws `invalid_credentials` if they were
 * disabled meanwhile.
 */
export async function signInBy(
  c: HttpContext,
  deps: HttpDeps,
  user: User,
  proof: ForeignProof,
  { isNew, browser, link, remember = false }: ForeignWishes,
): Promise<Begun | Pending> {
  const wishes = { remember, delivery: "cookie", proofKey: null } as const;
  const first = { ...wishes, method: "fed", provider: proof.provider, link } as const;
  const pending = user.disabledAt === null ? await beginPendingSignIn(deps.factors, user, first, browser) : null;
  return pending ?? openSession(c, deps, user, { ...wishes, proof }, isNew ? "signup" : "login");
}

/** A session that a second step has begun, and how it is to be handed out: as was wished for with the first. */
export interface Finished extends Begun {
  readonly delivery: Delivery;
}

/**
 * Takes the second step of a sign-in and begins the session. `browser`: what names the browser that the first was taken in, on
 * pages of ours. Throws what `takeSecondStep` throws, and `invalid_dpop_proof` unless the same key is proven as with the first.
 */
export async function finishSignIn(
  c: HttpContext,
  deps: HttpDeps,
  mfaToken: string,
  answer: SecondStep,
  { proof = null, browser = null }: { readonly proof?: ProofOfKey | null; readonly browser?: string | null } = {},
): Promise<Finished> {
  const device = deps.cookies.readDevice(c);
  const taken = await takeSecondStep(
    { ...deps.factors, findUser: (id) => deps.users.store.find(id) },
    {
      mfaToken,
      browser,
      origin: deviceOf(c),
      async knownDevice(userId) {
        const hash = device === null ? null : hashOf(device);
        return hash !== null && (await deps.sessions.store.knowsDevice(userId, hash, "secondFactor")) ? hash : null;
      },
      async proveKey(expected) {
        if ((await keyOf({ proof })) !== expected) throw unproven();
      },
    },
    answer,
  );
  const { pending, user, method } = taken;
  const { remember, delivery, proofKey, provider } = pending;
  // Somebody has proved it here, just now: whatever another issuer tells of its own part, or does not.
  const authTime = deps.sessions.clock();
  const foreign = provider === null ? {} : { proof: { provider, at: authTime } };
  const begun = await openSession(
    c,
    deps,
    user,
    { remember, delivery, proofKey, authTime, methods: [pending.method, method], ...foreign },
    "login",
  );
  await linkAfter(c, deps, taken, browser);
  return { ...begun, delivery };
}

/**
 * A provider opens the account only once all of its factors were proven. If somebody has the identity by now, nothing is
 * changed.
 */
async function linkAfter(
  c: HttpContext,
  deps: HttpDeps,
  { pending: { link, method }, user }: StepTaken,
  browser: string | null,
): Promise<void> {
  const provider = link === null ? null : deps.federation.find(link.provider);
  if (link === null || provider === null) return;
  const mine = await deps.federation.take(provider, browser, link.name);
  if (mine !== null) {
    await linkIdentity(
      { ...deps, random: deps.sessions.random },
      user,
      provider,
      mine.profile,
      deviceOf(c),
      method === "pwd" ? "password" : "email",
    );
  }
}

/** Signs in by a passkey alone. Throws what `userOfPasskey` throws. */
export async function signInByPasskey(
  c: HttpContext,
  deps: HttpDeps,
  answer: { readonly passkeyToken: string; readonly passkey: AuthenticationResponseJSON },
  wishes: SessionWishes,
): Promise<Begun> {
  const find = (id: string) => deps.users.store.find(id);
  const user = await userOfPasskey({ ...deps.factors, findUser: find }, answer, deviceOf(c), wishes.browser ?? null);
  const { remember, delivery } = wishes;
  return openSession(c, deps, user, { remember, delivery, proofKey: await keyOf(wishes), methods: ["passkey"] }, "login");
}
