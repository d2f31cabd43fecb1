/**
 * Second factors: codes of an authenticator app, passkeys, recovery codes, and sign-ins that wait for one of them.
 * Owns who has which, what proves one, and that each proof counts once. Knows nothing of requests, cookies and pages; a session
 * begins only after all of it, and is begun by others.
 */
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clock } from "../clock.ts";
import type { DataSafe } from "../keys/data-safe.ts";
import type { Limits } from "../limits/limits.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import type { MailDesk } from "../mail/mail-desk.ts";
import type { MailDraft, MailKind } from "../mail/mail-draft.ts";
import type { Random } from "../random.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { User } from "../users/user.ts";
import type { PasskeySettings } from "./passkey-settings.ts";
import type { Passkey, SecondFactorStore } from "./second-factor-store.ts";

export interface SecondFactorDeps {
  readonly store: SecondFactorStore;
  readonly safe: DataSafe;
  readonly audit: AuditStore;
  readonly limits: Limits;
  /** What the service is called in authenticator apps and by passkeys. */
  readonly name: string;
  readonly passkeys: PasskeySettings;
  /** The issuers whose identities let people in: who has none, no password and no other passkey keeps the last one. */
  readonly issuers: readonly string[];
  /** Where people are written of each change; undefined where no mail is sent. */
  readonly desk?: Pick<MailDesk, "draft"> | undefined;
  readonly revocations: RevocationPublisher;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a user has. */
export interface Factors {
  readonly totp: boolean;
  /** Oldest first. */
  readonly passkeys: readonly Passkey[];
  readonly recoveryCodesLeft: number;
}

/** What can be the second step of signing in. */
export type SecondFactorMethod = "passkey" | "otp" | "recovery";

export async function factorsOf({ store }: Pick<SecondFactorDeps, "store">, userId: string): Promise<Factors> {
  const { totp, passkeys, recoveryCodesLeft } = await store.of(userId);
  return { totp: totp !== null, passkeys, recoveryCodesLeft };
}

/** Whether signing in takes a second step. */
export function hasSecondFactors({ totp, passkeys }: Pick<Factors, "totp" | "passkeys">): boolean {
  return totp || passkeys.length > 0;
}

export function methodsOf({ totp, passkeys, recoveryCodesLeft }: Factors): SecondFactorMethod[] {
  return [
    ...(passkeys.length > 0 ? (["passkey"] as const) : []),
    ...(totp ? (["otp"] as const) : []),
    ...(recoveryCodesLeft > 0 ? (["recovery"] as const) : []),
  ];
}

/** Nobody changes how somebody signs in without their hearing of it. */
export function noticeOf(
  { desk }: Pick<SecondFactorDeps, "desk">,
  kind: MailKind,
  user: Pick<User, "id" | "email">,
  origin: { readonly ip: string | null; readonly label?: string },
): MailDraft | undefined {
  return desk?.draft({ kind, userId: user.id, to: user.email, detail: deviceDetail(origin) });
}
