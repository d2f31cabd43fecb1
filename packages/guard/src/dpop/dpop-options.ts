import { checkNames, checkNumber } from "../check-options.ts";
import { createDpopNonces, type DpopNonces } from "./dpop-nonce.ts";
import { PROOF_MAX_AGE_SECONDS } from "./dpop-proof.ts";
import { createPossession, type Possession, type PossessionOptions } from "./possession.ts";
import { createReplayMemory, type ReplayStore } from "./replay-memory.ts";

/** How an API judges proofs of possession (RFC 9449). */
export interface DpopOptions {
  /** Whether tokens that are not bound to a key are refused. Default false. */
  readonly required?: boolean;
  /** Where it is kept which proofs were used: for an API of several processes, `redisReplays(client)`. Default: in this process. */
  readonly replays?: ReplayStore;
  /**
   * Demands a nonce of the API's own in every proof, and makes them from this: 32 bytes or more, the same in all of its
   * processes. Default: no nonces; how old a proof may be is reckoned by its maker's clock.
   */
  readonly nonceSecret?: string | Uint8Array;
  /** In seconds, 1 to 300: how long ago a proof may have been made. Default 60. */
  readonly maxAgeSeconds?: number;
}

/** Fills in the defaults. Throws a TypeError for what is unknown or out of range, and never with a secret in it. */
export function openPossession(
  options: DpopOptions = {},
  api: Pick<PossessionOptions, "origin" | "clock" | "onWarning">,
): Possession {
  checkNames("dpop", options, ["required", "replays", "nonceSecret", "maxAgeSeconds"]);
  const { required = false, nonceSecret, maxAgeSeconds = PROOF_MAX_AGE_SECONDS } = options;
  const { replays = createReplayMemory({ clock: api.clock }) } = options;
  if (typeof required !== "boolean") throw new TypeError("dpop.required must be true or false");
  if (typeof replays?.use !== "function") throw new TypeError("dpop.replays must be a store with a function use");
  checkNumber("dpop.maxAgeSeconds", maxAgeSeconds, { min: 1, max: 300 });
  const nonces = nonceSecret === undefined ? undefined : noncesOf(nonceSecret, api.clock);
  return createPossession({ ...api, required, replays, nonces, noncesRequired: true, maxAgeSeconds });
}

function noncesOf(nonceSecret: unknown, clock: () => number): DpopNonces {
  const secret = typeof nonceSecret === "string" ? Buffer.from(nonceSecret) : nonceSecret;
  if (!(secret instanceof Uint8Array) || secret.length < 32) throw new TypeError("dpop.nonceSecret must have 32 bytes or more");
  return createDpopNonces({ secret, clock });
}
