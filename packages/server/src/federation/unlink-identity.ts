import { auditEvent } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import type { DescribedOrigin } from "../mail/device-detail.ts";
import type { MailDesk } from "../mail/mail-desk.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { FederationStore, Unlinking } from "./federation-store.ts";
import { issuerOf } from "./provider.ts";
import type { SignInProvider } from "./provider.ts";

export interface UnlinkDeps {
  readonly identities: Pick<FederationStore, "unlink">;
  readonly revocations: RevocationPublisher;
  readonly clock: Clock;
  /** As they are configured. */
  readonly providers: readonly SignInProvider[];
  readonly desk?: MailDesk | undefined;
}

/**
 * Takes a way in away: whoever may have come by it is out as well. What stays is the session `of.keepSessionId`, if any. It is
 * written to `email`, the user's.
 */
export async function unlinkIdentity(
  { identities, revocations, clock, providers, desk }: UnlinkDeps,
  of: Unlinking,
  email: string,
  origin: DescribedOrigin,
): Promise<"unlinked" | "last" | "none"> {
  const at = clock();
  const { userId, issuer, subject, keepSessionId } = of;
  // One that is configured no more has no other name.
  const provider = providers.find((one) => issuerOf(one) === issuer)?.name ?? issuer;
  // From where an administrator does it is no affair of the user's.
  const from = origin.by === undefined ? deviceDetail(origin) : {};
  const notice = desk?.draft({ kind: "identity_unlinked", userId, to: email, detail: { ...from, provider } });
  const outcome = await identities.unlink(of, {
    revocation: (value, version) => ({ kind: "subject", value, version, effect: "stale", reason: "identity_unlinked", at }),
    audit: auditEvent("identity_unlinked", at, origin, { userId, sessionId: keepSessionId }, { issuer, subject }, notice),
  });
  if (typeof outcome === "string") return outcome;
  revocations.publish(outcome.entry);
  return "unlinked";
}
