import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent, Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Limits } from "../limits/limits.ts";
import type { VersionChange } from "../users/user-store.ts";
import type { User } from "../users/user.ts";
import { hashesOf } from "./add-factor.ts";
import type { Adding } from "./add-factor.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";
import type { Passkey } from "./second-factor-store.ts";
import { noticeOf } from "./second-factors.ts";
import type { SecondFactorDeps } from "./second-factors.ts";

/**
 * Whoever may have come by it is out as well: all sessions end but the one that asks. False if there is no authenticator app.
 * The recovery codes go with the last factor.
 */
export async function removeTotp(deps: SecondFactorDeps, user: Pick<User, "id" | "email">, { sessionId, origin }: Adding): Promise<boolean> {
  const { store, issuers, clock, revocations } = deps;
  const notice = noticeOf(deps, "factor_removed", user, origin);
  const audit = auditEvent("second_factor_removed", clock(), origin, { userId: user.id, sessionId }, { method: "otp" }, notice);
  const done = await store.removeTotp({ userId: user.id, issuers, keepSessionId: sessionId }, changeOf(audit));
  if (done !== null) revocations.publish(done.entry);
  return done !== null;
}

/** Null if the user has no such passkey. */
export async function renamePasskey({ store }: SecondFactorDeps, userId: string, id: string, name: string): Promise<Passkey | null> {
  return store.renamePasskey(userId, id, name.trim());
}

/** The same of a passkey. `last`: nothing else would let the user in, and nothing is changed. */
export async function removePasskey(
  deps: SecondFactorDeps,
  user: Pick<User, "id" | "email">,
  id: string,
  { sessionId, origin }: Adding,
): Promise<"removed" | "last" | "none"> {
  const { store, issuers, clock, revocations } = deps;
  const notice = noticeOf(deps, "factor_removed", user, origin);
  const audit = auditEvent("second_factor_removed", clock(), origin, { userId: user.id, sessionId }, { method: "passkey", passkey: id }, notice);
  const outcome = await store.removePasskey({ userId: user.id, issuers, keepSessionId: sessionId, id }, changeOf(audit));
  if (typeof outcome === "string") return outcome;
  revocations.publish(outcome.entry);
  return "removed";
}

/** New recovery codes, to be shown once; those of before are worth nothing. Throws `invalid_request` for who has no factor. */
export async function replaceRecoveryCodes(deps: SecondFactorDeps, user: Pick<User, "id" | "email">, { sessionId, origin }: Adding): Promise<string[]> {
  const { store, clock, random } = deps;
  const codes = newRecoveryCodes(random);
  const audit = auditEvent("recovery_codes_replaced", clock(), origin, { userId: user.id, sessionId }, {}, noticeOf(deps, "recovery_codes_replaced", user, origin));
  if (await store.replaceRecoveryCodes(user.id, hashesOf(user.id, codes), audit)) return codes;
  throw new OstiaryError("invalid_request", "Recovery codes are for who has set up a second factor.");
}

/**
 * Takes all factors of a user away, who has lost them: their password, or other issuer, lets them in alone again. For whoever has
 * made sure who asks. All sessions end: one may be of whoever has what was lost. False if there were none.
 */
export async function resetFactors(deps: ResetDeps, user: Pick<User, "id" | "email">, origin: Origin): Promise<boolean> {
  const { store, limits, clock, revocations } = deps;
  // Where an administrator sits is no affair of the user's.
  const notice = noticeOf(deps, "factors_reset", user, { ip: null });
  const done = await store.reset(user.id, changeOf(auditEvent("second_factors_reset", clock(), origin, { userId: user.id }, {}, notice)));
  if (done !== null) revocations.publish(done.entry);
  await limits.forgiveSecondFactor({ userId: user.id, devices: [] });
  return done !== null;
}

/** What becomes of access tokens bears the event's name. */
function changeOf(audit: AuditEvent): VersionChange {
  return { audit, revocation: (value, version) => ({ kind: "subject", value, version, effect: "stale", reason: audit.type, at: audit.at }) };
}

export type ResetDeps = Pick<SecondFactorDeps, "store" | "clock" | "desk" | "revocations"> & { readonly limits: Pick<Limits, "forgiveSecondFactor"> };
