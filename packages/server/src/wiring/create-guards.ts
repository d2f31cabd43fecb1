import type { Guard } from "@ostiary/guard";
import { createEmbeddedGuard } from "@ostiary/guard/embedded";
import type { AskForKey, RevocationSet } from "@ostiary/guard/embedded";
import type { Settings } from "../config-schema.ts";
import { PROOF_SECONDS } from "../http/proofs.ts";
import type { Proofs } from "../http/proofs.ts";
import type { Keyring } from "../keys/keyring.ts";
import { SIGNING_ALGORITHMS } from "../keys/signing-algorithms.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { userinfoAudience } from "../tokens/access-token.ts";

export interface Guards<Claims extends object> {
  /** For the server's own routes. */
  readonly guard: Guard;
  readonly userinfoGuard: Guard;
  readonly tokenGuard: Guard;
  /** For the application's routes in this process: it alone knows API keys. */
  readonly guardOfApis: Guard<Claims>;
}

export interface GuardDeps {
  readonly settings: Settings;
  readonly keyring: Pick<Keyring, "accessKeys">;
  readonly set: RevocationSet;
  readonly revocations: Pick<Revocations, "seq" | "readAt">;
  readonly proofs: Proofs;
  readonly resolveApiKey: AskForKey;
}

/** What each is for, `HttpDeps` says. */
export function createGuards<Claims extends object>(deps: GuardDeps): Guards<Claims> {
  const { settings, keyring, set, revocations, proofs, resolveApiKey } = deps;
  const { issuer, clock } = settings;
  const dpop = { ...proofs, maxAgeSeconds: PROOF_SECONDS };
  const shared = {
    issuer,
    algorithms: SIGNING_ALGORITHMS,
    keys: () => keyring.accessKeys,
    revocations: set,
    freshness: () => ({ seq: revocations.seq, staleness: (clock() - revocations.readAt) / 1000 }),
    clock,
    resource: issuer,
    dpop,
  };
  const userinfo = [issuer, userinfoAudience(issuer)];
  return {
    guard: createEmbeddedGuard({ ...shared, audience: [issuer] }),
    userinfoGuard: createEmbeddedGuard({ ...shared, audience: userinfo }),
    tokenGuard: createEmbeddedGuard({
      ...shared,
      audience: [...userinfo, ...settings.audience],
      dpop: { ...dpop, acceptsUnproven: true },
    }),
    guardOfApis: createEmbeddedGuard<Claims>({ ...shared, audience: [issuer], resolveApiKey }),
  };
}
