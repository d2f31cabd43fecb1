import { auditEvent } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Device } from "../sessions/session.ts";
import { counted, recordFailure } from "../users/authenticate.ts";
import type { User } from "../users/user.ts";
import { keyOfPending, MOST_TRIES } from "./pending.ts";
import { markOf } from "./pending-sign-in.ts";
import type { PendingSignIn } from "./pending-sign-in.ts";
import { recoveryHash } from "./recovery-codes.ts";
import type { FactorUse, PendingKey, PendingRow } from "./second-factor-store.ts";
import { noticeOf } from "./second-factors.ts";
import type { SecondFactorDeps, SecondFactorMethod } from "./second-factors.ts";
import { stepOf, totpContext } from "./totp.ts";
import { verifyRequest } from "./webauthn.ts";
import type { AuthenticationResponseJSON } from "./webauthn.ts";

/** One of the three. */
export type SecondStep =
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: AuthenticationResponseJSON };

export interface StepTaken {
  readonly pending: Omit<PendingSignIn, "methods" | "triesLeft">;
  readonly user: User;
  readonly method: SecondFactorMethod;
}

export interface Stepper {
  readonly mfaToken: string;
  /** What names the browser that the first step was taken in, where that alone may go on. */
  readonly browser: string | null;
  /** Hash of what names the browser, if it has been signed in to the account with a second factor before. */
  readonly knownDevice: (userId: string) => Promise<string | null>;
  /** Proves the key that the session is to be bound to, if any; asked once there is such a sign-in. */
  readonly proveKey: (expected: string | null) => Promise<void>;
  readonly origin: Device;
}

/**
 * The second step of a sign-in: whoever gets an answer has proved both, and may be let in, once.
 * Throws `sign_in_expired` if there is no such sign-in (any more), `invalid_credentials` if the proof is wrong or was used before,
 * and `too_many_attempts`.
 */
export async function takeSecondStep(
  deps: SecondFactorDeps & { findUser: (id: string) => Promise<User | null> },
  stepper: Stepper,
  step: SecondStep,
): Promise<StepTaken> {
  const { store, limits } = deps;
  const { origin } = stepper;
  const key = keyOfPending(deps, stepper.mfaToken, { kind: "sign_in", browser: stepper.browser });
  const found = await store.look(key);
  const userId = found?.userId ?? null;
  if (found === null || userId === null) throw expired();
  await stepper.proveKey(detailOf(found).proofKey);
  // Six digits are. Of 80 random bits, and of signatures, the tries that one sign-in has are few enough.
  const guessable = "code" in step;
  const knownDevice = guessable ? await stepper.knownDevice(userId) : null;
  const attempt = await limits.secondFactor({ userId, address: origin.ip, knownDevice, guessable });
  const trying = attemptTo(deps, key, userId, step);
  const { outcome, method, row, user } = await counted(attempt, trying);
  if (outcome === "expired" || row === null || user === null) {
    await attempt.withdrawn();
    throw expired();
  }
  if (outcome === "finished") {
    await attempt.succeeded();
    const { expiresAt, challenge } = row;
    return { pending: { ...detailOf(row), userId, expiresAt, challenge }, user, method };
  }
  const detail = { method, ...(outcome === "refused" ? { used: true } : {}) };
  await recordFailure(deps.audit, attempt, auditEvent("second_factor_failed", deps.clock(), origin, { userId }, detail));
  if (outcome === "copied") await deps.audit.append(auditEvent("passkey_counter", deps.clock(), origin, { userId }, passkeyDetail(step)));
  throw new OstiaryError("invalid_credentials", "Wrong code, or one that was used before.");

  async function attemptTo(of: typeof deps, pendingKey: PendingKey, id: string, answer: SecondStep) {
    // First: it may be an application's table, and one that cannot be asked uses up no try.
    const who = await of.findUser(id);
    // Before the answer is looked at: of a hundred at once five are.
    const tried = await of.store.countTry(pendingKey, MOST_TRIES);
    const verdict = { method: methodOf(answer), row: tried, user: who };
    if (tried === null || who === null || who.disabledAt !== null || detailOf(tried).passwordMark !== markOf(who)) {
      return { ...verdict, outcome: "expired" as const };
    }
    const use = await useOf(of, tried, id, answer);
    if (use === null) return { ...verdict, outcome: "wrong" as const };
    const used = use.kind === "recovery" ? auditEvent("recovery_code_used", of.clock(), origin, { userId: id }, {}, noticeOf(of, "recovery_code_used", who, origin)) : null;
    const ended = await of.store.finish(pendingKey, use, used);
    return { ...verdict, outcome: ended === "refused" && use.kind === "passkey" ? ("copied" as const) : ended };
  }
}

/** What the answer proves, if it is right; null if it is wrong. */
async function useOf(deps: SecondFactorDeps, row: PendingRow, userId: string, answer: SecondStep): Promise<FactorUse | null> {
  if ("passkey" in answer) {
    return row.challenge === null ? null : usePasskey(deps, answer.passkey, { challenge: row.challenge, userId });
  }
  if ("recoveryCode" in answer) {
    const hash = recoveryHash(userId, answer.recoveryCode);
    return hash === null ? null : { kind: "recovery", userId, hash };
  }
  const { totp } = await deps.store.of(userId);
  const secret = totp === null ? null : await deps.safe.open(totp.sealed, totpContext(userId));
  if (totp === null || secret === null) return null;
  const step = await stepOf(secret, answer.code, { lastStep: totp.lastStep, now: deps.clock() });
  return step === null ? null : { kind: "otp", userId, step };
}

/** `userId`: of whom it must be; null if it is to tell who it is, and is all the proof there is. */
export async function usePasskey(
  deps: SecondFactorDeps,
  response: AuthenticationResponseJSON,
  { challenge, userId }: { challenge: string; userId: string | null },
): Promise<(FactorUse & { readonly kind: "passkey" }) | null> {
  const passkey = await deps.store.findPasskey(response.id);
  if (passkey === null || (userId !== null && passkey.userId !== userId)) return null;
  const alone = userId === null;
  if (alone && !passkey.userVerified) return null;
  if (!isHandleOf(passkey.userId, response.response.userHandle, alone)) return null;
  const verified = await verifyRequest(deps, passkey, response, { challenge, alone });
  if (verified === null) return null;
  return { kind: "passkey", id: passkey.id, userId: passkey.userId, ...verified, at: deps.clock() };
}

/** What the authenticator says whose it is (WebAuthn §7.2 step 6). */
function isHandleOf(userId: string, handle: string | undefined, required: boolean): boolean {
  if (handle === undefined || handle === "") return !required;
  return Buffer.from(handle, "base64url").toString("utf8") === userId;
}

function detailOf(row: PendingRow): Omit<PendingSignIn, "userId" | "methods" | "expiresAt" | "triesLeft" | "challenge"> {
  return row.detail as unknown as ReturnType<typeof detailOf>;
}

function methodOf(step: SecondStep): SecondFactorMethod {
  if ("passkey" in step) return "passkey";
  return "recoveryCode" in step ? "recovery" : "otp";
}

function passkeyDetail(step: SecondStep): Record<string, unknown> {
  return "passkey" in step ? { passkey: step.passkey.id } : {};
}

export function expired(): OstiaryError {
  return new OstiaryError("sign_in_expired", "This sign-in is over: begin anew.");
}
