import { auditEvent } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import { counted, recordFailure } from "../users/authenticate.ts";
import type { Device } from "../sessions/session.ts";
import type { User } from "../users/user.ts";
import { beginPending, keyOfPending, MOST_TRIES } from "./pending.ts";
import { newRecoveryCodes, recoveryHash } from "./recovery-codes.ts";
import { MOST_PASSKEYS } from "./second-factor-store.ts";
import type { Passkey } from "./second-factor-store.ts";
import { noticeOf } from "./second-factors.ts";
import type { SecondFactorDeps } from "./second-factors.ts";
import { expired } from "./take-second-step.ts";
import { newTotp, stepOf, totpContext } from "./totp.ts";
import { creationOptions, newChallenge, verifyCreation } from "./webauthn.ts";
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from "./webauthn.ts";

export const PASSKEY_NAME_MAX = 60;

/** Whoever adds something to their account, in their session. */
export interface Adding {
  readonly sessionId: string | null;
  readonly origin: Device;
}

export interface TotpEnrolment {
  /** Base32, for people who cannot scan. */
  readonly secret: string;
  /** `otpauth://…`: what a QR code shows. */
  readonly uri: string;
  readonly enrolmentToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A secret for an authenticator app. It counts for nothing until a code of it has come back. */
export async function enrolTotp(deps: SecondFactorDeps, user: Pick<User, "id" | "email">): Promise<TotpEnrolment> {
  const { secret, uri, bytes } = await newTotp(deps, user.email);
  const sealed = await deps.safe.seal(bytes, totpContext(user.id));
  const detail = { sealed: Buffer.from(sealed).toString("base64") };
  const { token, expiresAt } = await beginPending(deps, { kind: "add_totp", userId: user.id }, detail);
  return { secret, uri, enrolmentToken: token, expiresAt };
}

/** What a page that is shown anew needs of an enrolment under way. Null if it is over, or another user's. */
export async function findTotpEnrolment(deps: SecondFactorDeps, user: Pick<User, "id" | "email">, enrolmentToken: string): Promise<TotpEnrolment | null> {
  const row = await deps.store.look(keyOfPending(deps, enrolmentToken, { kind: "add_totp", userId: user.id }));
  const bytes = row === null ? null : await secretOf(deps, user.id, row.detail);
  if (row === null || bytes === null || row.tries >= MOST_TRIES) return null;
  const { secret, uri } = await newTotp({ name: deps.name, random: { ...deps.random, bytes: () => bytes } }, user.email);
  return { secret, uri, enrolmentToken, expiresAt: row.expiresAt };
}

/**
 * The app has the secret: it is a factor from now on, in place of the app before, if there was one. `recoveryCodes` with the
 * first factor, to be shown once; else null.
 * Throws `sign_in_expired` if the enrolment is over, `invalid_credentials` if the code is wrong, and `too_many_attempts`.
 */
export async function confirmTotp(
  deps: SecondFactorDeps,
  user: Pick<User, "id" | "email">,
  { enrolmentToken, code }: { enrolmentToken: string; code: string },
  { sessionId, origin }: Adding,
): Promise<{ recoveryCodes: string[] | null }> {
  const { store, limits, clock } = deps;
  const pending = keyOfPending(deps, enrolmentToken, { kind: "add_totp", userId: user.id });
  // They were told the secret. Whoever tries codes at their sign-in is not to keep them from a new app.
  const attempt = await limits.secondFactor({ userId: user.id, address: origin.ip, knownDevice: null, guessable: false });
  const row = await counted(attempt, store.countTry(pending, MOST_TRIES));
  const bytes = row === null ? null : await counted(attempt, secretOf(deps, user.id, row.detail));
  if (row === null || bytes === null) {
    await attempt.withdrawn();
    throw expired();
  }
  const step = await stepOf(bytes, code, { lastStep: 0, now: clock() });
  if (step === null) {
    const failure = auditEvent("second_factor_failed", clock(), origin, { userId: user.id, sessionId }, { method: "otp", adding: true });
    await recordFailure(deps.audit, attempt, failure);
    throw new OstiaryError("invalid_credentials", "Wrong code.", { field: "code" });
  }
  await attempt.withdrawn();
  const sealed = await deps.safe.seal(bytes, totpContext(user.id));
  const codes = newRecoveryCodes(deps.random);
  const audit = auditEvent("second_factor_added", clock(), origin, { userId: user.id, sessionId }, { method: "otp" }, noticeOf(deps, "factor_added", user, origin));
  const kept = await store.keepTotp(
    { userId: user.id, sealed, lastStep: step, createdAt: clock() },
    { pending, recoveryHashes: hashesOf(user.id, codes), audit },
  );
  if (kept === null) throw expired();
  return { recoveryCodes: kept.withCodes ? codes : null };
}

export interface PasskeyRegistration {
  /** What `navigator.credentials.create` takes, as JSON. */
  readonly options: PublicKeyCredentialCreationOptionsJSON;
  readonly passkeyToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Throws `invalid_request` for somebody who has as many as there may be. */
export async function passkeyRegistrationOptions(deps: SecondFactorDeps, user: Pick<User, "id" | "email" | "name">): Promise<PasskeyRegistration> {
  const { passkeys } = await deps.store.of(user.id);
  if (passkeys.length >= MOST_PASSKEYS) throw tooMany();
  const challenge = newChallenge(deps);
  const { token, expiresAt } = await beginPending(deps, { kind: "add_passkey", userId: user.id }, {}, challenge);
  return { options: await creationOptions(deps, user, passkeys, challenge), passkeyToken: token, expiresAt };
}

/**
 * `recoveryCodes` with the first factor, to be shown once; else null. The question is used up, whatever the answer.
 * Throws `sign_in_expired` if it is over, `invalid_request` if the answer is not to it, the passkey is in use already, or there are
 * as many as there may be.
 */
export async function addPasskey(
  deps: SecondFactorDeps,
  user: Pick<User, "id" | "email">,
  { passkeyToken, passkey: response, name }: { passkeyToken: string; passkey: RegistrationResponseJSON; name?: string | undefined },
  { sessionId, origin }: Adding,
): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }> {
  const { store, clock } = deps;
  const pending = keyOfPending(deps, passkeyToken, { kind: "add_passkey", userId: user.id });
  const row = await store.look(pending);
  if (row === null || row.challenge === null) throw expired();
  const credential = await verifyCreation(deps, response, row.challenge);
  if (credential === null) {
    await store.take(pending);
    throw new OstiaryError("invalid_request", "This is not what the browser was asked for.", { reason: "invalid_field", field: "passkey" });
  }
  const now = clock();
  const passkey = { ...credential, userId: user.id, name: nameOf(name), createdAt: now, lastUsedAt: null };
  const codes = newRecoveryCodes(deps.random);
  const detail = { method: "passkey", passkey: passkey.id, name: passkey.name };
  const audit = auditEvent("second_factor_added", now, origin, { userId: user.id, sessionId }, detail, noticeOf(deps, "factor_added", user, origin));
  const kept = await store.addPasskey(passkey, { pending, recoveryHashes: hashesOf(user.id, codes), audit });
  if (kept !== null) return { passkey, recoveryCodes: kept.withCodes ? codes : null };
  if ((await store.take(pending)) === null) throw expired();
  // Many questions can have been asked before there were so many.
  if ((await store.of(user.id)).passkeys.length >= MOST_PASSKEYS) throw tooMany();
  throw new OstiaryError("invalid_request", "This passkey is in use already.", { reason: "invalid_field", field: "passkey" });
}

export function hashesOf(userId: string, codes: readonly string[]): string[] {
  return codes.flatMap((code) => recoveryHash(userId, code) ?? []);
}

function tooMany(): OstiaryError {
  return new OstiaryError("invalid_request", `Nobody can have more than ${MOST_PASSKEYS} passkeys: remove one.`);
}

function nameOf(name: string | undefined): string {
  const trimmed = (name ?? "").trim();
  return trimmed === "" ? "Passkey" : trimmed;
}

async function secretOf({ safe }: SecondFactorDeps, userId: string, { sealed }: Readonly<Record<string, unknown>>): Promise<Uint8Array | null> {
  return typeof sealed === "string" ? safe.open(new Uint8Array(Buffer.from(sealed, "base64")), totpContext(userId)) : null;
}
