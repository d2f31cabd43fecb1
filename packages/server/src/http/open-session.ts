import type { Delivery } from "@ostiary/protocol";
import { deviceDetail } from "../mail/device-detail.ts";
import type { MailDraft } from "../mail/mail-draft.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import { createSession } from "../sessions/create.ts";
import type { ForeignProof, SignInProof } from "../sessions/create.ts";
import { isKnownDevice } from "../sessions/is-known-device.ts";
import { endReplacedSession } from "../sessions/replace.ts";
import type { IssuedTokens } from "../sessions/session-deps.ts";
import type { User } from "../users/user.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

export interface SessionWishes {
  readonly remember: boolean;
  readonly delivery: Delivery;
  /** The session is bound to its key. The cookies of our own pages prove nothing: theirs are bound to none. */
  readonly proof?: ProofOfKey | null;
  /** What names the browser that alone may take a second step, where the first is taken on a page of ours. */
  readonly browser?: string | null;
  /** A provider that is to open the account from then on, and what names the identity that waits there. */
  readonly link?: { readonly provider: string; readonly name: string };
}

/** A new session, and what names the browser it is in; null where there is no browser. */
export interface Begun {
  readonly issued: IssuedTokens;
  readonly device: string | null;
}

/** The key that was wished for, proven by now. */
export async function keyOf({ proof }: Pick<SessionWishes, "proof">): Promise<string | null> {
  return (await proof?.spend()) ?? null;
}

interface Beginning extends SignInProof {
  readonly remember: boolean;
  readonly delivery: Delivery;
  readonly proofKey: string | null;
  readonly proof?: ForeignProof;
}

/** For who has proved all that is asked of them. */
export async function openSession(
  c: HttpContext,
  deps: HttpDeps,
  user: User,
  { delivery, ...beginning }: Beginning,
  audit: "login" | "signup",
): Promise<Begun> {
  const { cookies, sessions } = deps;
  const mail = audit === "login" ? await noticeOf(c, deps, user, delivery, beginning.proof) : undefined;
  const device = delivery === "cookie" ? (cookies.readDevice(c) ?? cookies.newDevice()) : null;
  const issued = await createSession(sessions, user, { ...beginning, deviceCookie: device, device: deviceOf(c), audit, mail });
  if (delivery === "cookie") {
    await endReplacedSession(sessions, cookies.readRefreshToken(c), issued.session);
    cookies.clearAccess(c);
  }
  return { issued, device };
}

/** Who signs in where they have not been lately is written of it, and by whom they were let in. */
async function noticeOf(
  c: HttpContext,
  deps: HttpDeps,
  user: User,
  delivery: Delivery,
  proof: ForeignProof | undefined,
): Promise<MailDraft | undefined> {
  if (deps.mail === null) return undefined;
  const device = deviceOf(c);
  if (await isKnownDevice(deps.sessions.store, user.id, device, delivery, deps.cookies.readDevice(c))) return undefined;
  const provider = deps.federation.providers.find(({ id }) => id === proof?.provider)?.name ?? null;
  return deps.mail.desk.draft({
    kind: "new_device",
    userId: user.id,
    to: user.email,
    detail: { ...deviceDetail(device), provider },
  });
}
