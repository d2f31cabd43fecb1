import { createHmac } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createDpopNonces } from "@ostiary/guard/embedded";
import type { DpopNonces } from "@ostiary/guard/embedded";
import type { HonoRequest } from "hono/request";
import type { Settings } from "../config-schema.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { OnceStore } from "../oauth/oauth-store.ts";

/** How long ago a proof may have been made: it is made for each request. */
export const PROOF_SECONDS = 60;

/** What proofs of possession are judged by, besides themselves (RFC 9449 §8, §11.1). */
export interface Proofs {
  /** In the database: what one replica has seen, no other takes. */
  readonly replays: OnceStore;
  /** The same for all replicas. */
  readonly nonces: DpopNonces;
  /** Whether every proof has to have one. One that is sent is looked at in any case. */
  readonly noncesRequired: boolean;
}

export function createProofs({ once, keyring, settings: { clock, dpopNonces } }: {
  once: OnceStore;
  keyring: Pick<Keyring, "browserSecret">;
  settings: Pick<Settings, "clock" | "dpopNonces">;
}): Proofs {
  let made: { readonly from: KeyObject; readonly nonces: DpopNonces } | undefined;
  // The secret changes when its key is taken out.
  function nonces(): DpopNonces {
    const from = keyring.browserSecret;
    if (made?.from === from) return made.nonces;
    const secret = createHmac("sha256", from).update("dpop nonces").digest();
    made = { from, nonces: createDpopNonces({ secret, clock }) };
    return made.nonces;
  }
  return {
    replays: once,
    nonces: { current: () => nonces().current(), isGood: (nonce) => nonces().isGood(nonce) },
    noncesRequired: dpopNonces === "on",
  };
}

/** The nonce for the next proof, to stand on every answer to one (RFC 9449 §8.2), errors too; null if none is asked for. */
export function nonceFor(req: HonoRequest<string>, { noncesRequired, nonces }: Proofs): string | null {
  return noncesRequired && req.header("dpop") !== undefined ? nonces.current() : null;
}
