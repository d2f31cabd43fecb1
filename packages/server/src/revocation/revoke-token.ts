/** Revokes a single access token by its `jti`. Sessions and users are revoked by their own domains. */
import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { RevocationStore } from "./revocation-store.ts";
import type { RevocationPublisher } from "./revocations.ts";

/** What the identifier of a token of any issuer looks like; ours have 22 characters. */
const FORM = /^[\x21-\x7e]{1,255}$/;

/** What it takes to revoke a single token. */
export interface TokenRevocationDeps {
  readonly log: Pick<RevocationStore, "append">;
  readonly revocations: RevocationPublisher;
  readonly clock: Clock;
}

/** A token, as far as is known of it who revokes it. */
export interface RevokedToken {
  readonly jti: string;
  readonly userId?: string | null;
  readonly sessionId?: string | null;
}

/** Makes one access token worthless; its session goes on. Throws `invalid_request` for what can be no `jti`. */
export async function revokeToken(
  { log, revocations, clock }: TokenRevocationDeps,
  { jti, ...who }: RevokedToken,
  origin: Origin,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  if (!FORM.test(jti)) {
    const mend = "jti must be the identifier of a token: 1 to 255 visible ASCII characters.";
    throw new OstiaryError("invalid_request", mend, { reason: "invalid_field", field: "jti" });
  }
  const at = clock();
  const entry = { kind: "token", value: jti, effect: "revoked", reason: "token_revoked", at } as const;
  revocations.publish(await log.append(entry, auditEvent("token_revoked", at, origin, who, { jti, ...detail })));
}
