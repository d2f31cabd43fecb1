import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { User } from "../users/user.ts";
import { beginPending, keyOfPending } from "./pending.ts";
import type { SecondFactorDeps } from "./second-factors.ts";
import { expired, usePasskey } from "./take-second-step.ts";
import { newChallenge, requestOptions } from "./webauthn.ts";
import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from "./webauthn.ts";

export interface PasskeyQuestion {
  /** What `navigator.credentials.get` takes, as JSON. */
  readonly options: PublicKeyCredentialRequestOptionsJSON;
  /** Comes back with the answer. */
  readonly passkeyToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Asks whoever is there for a passkey: it tells who they are. Throws `too_many_attempts`. */
export async function passkeySignInOptions(deps: SecondFactorDeps, origin: Origin, browser: string | null = null): Promise<PasskeyQuestion> {
  await deps.limits.passkeyAsked(origin.ip);
  const challenge = newChallenge(deps);
  const { token, expiresAt } = await beginPending(deps, { kind: "passkey", browser }, {}, challenge);
  return { options: await requestOptions(deps, null, challenge), passkeyToken: token, expiresAt };
}

/** For the second step of a sign-in: passkeys of the one who has taken the first. Throws `sign_in_expired`. */
export async function passkeyOptionsFor(
  deps: SecondFactorDeps,
  mfaToken: string,
  browser: string | null = null,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const key = keyOfPending(deps, mfaToken, { kind: "sign_in", browser });
  const row = await deps.store.look(key);
  if (row === null || row.userId === null) throw expired();
  const { passkeys } = await deps.store.of(row.userId);
  const challenge = newChallenge(deps);
  if (!(await deps.store.setChallenge(key, challenge))) throw expired();
  return requestOptions(deps, passkeys, challenge);
}

/**
 * Whose passkey it is, which stands for both factors: the authenticator has asked who they are. The question is used up, whatever
 * the answer. Throws `sign_in_expired` or `invalid_credentials`.
 */
export async function userOfPasskey(
  deps: SecondFactorDeps & { findUser: (id: string) => Promise<User | null> },
  { passkeyToken, passkey }: { passkeyToken: string; passkey: AuthenticationResponseJSON },
  origin: Origin,
  browser: string | null = null,
): Promise<User> {
  const row = await deps.store.take(keyOfPending(deps, passkeyToken, { kind: "passkey", browser }));
  if (row === null || row.challenge === null) throw expired();
  const use = await usePasskey(deps, passkey, { challenge: row.challenge, userId: null });
  const user = use === null ? null : await deps.findUser(use.userId);
  const isUsed = use !== null && user !== null && user.disabledAt === null && (await deps.store.finish(null, use, null)) === "finished";
  if (isUsed) return user;
  const isCopied = use !== null && user !== null && user.disabledAt === null;
  const type = isCopied ? "passkey_counter" : "second_factor_failed";
  await deps.audit.append(auditEvent(type, deps.clock(), origin, { userId: user?.id ?? null }, { method: "passkey", alone: true }));
  throw new OstiaryError("invalid_credentials", "This passkey is not known here, or did not sign what it was asked to.");
}
