/**
 * Nonces for DPoP (RFC 9449 §8, §9) that nobody has to keep: each is a MAC of the time it is of, so every process with
 * the same secret gives and takes the same ones, and one that was made ahead of time is worth nothing.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface DpopNonces {
  /** The nonce to send with an answer: good for two to three steps from now on. */
  current(): string;
  isGood(nonce: string): boolean;
}

export interface DpopNoncesOptions {
  /** The same in every process whose answers a client may get; 32 bytes or more, at random. */
  readonly secret: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** How often there is a new one. Default 60. */
  readonly stepSeconds?: number;
}

const STEPS_BACK = 2;
/** Of a process whose clock is a little ahead of this one. */
const STEPS_AHEAD = 1;

/** Throws a TypeError for a secret of less than 32 bytes. */
export function createDpopNonces({ secret, clock, stepSeconds = 60 }: DpopNoncesOptions): DpopNonces {
  if (!(secret instanceof Uint8Array) || secret.length < 32) throw new TypeError("The secret of nonces must have 32 bytes or more");
  if (!(stepSeconds >= 1)) throw new TypeError("stepSeconds must be a number from 1 on");
  const key = Uint8Array.from(secret);
  let known: { readonly step: number; readonly good: readonly Buffer[] } | undefined;

  function nonceOf(step: number): Buffer {
    return Buffer.from(createHmac("sha256", key).update(`dpop-nonce ${step}`).digest("base64url"));
  }

  /** Those that are good now; the current one is at `STEPS_BACK`. */
  function good(): readonly Buffer[] {
    const step = Math.floor(clock() / 1000 / stepSeconds);
    if (known?.step !== step) {
      const nonces: Buffer[] = [];
      for (let each = step - STEPS_BACK; each <= step + STEPS_AHEAD; each++) nonces.push(nonceOf(each));
      known = { step, good: nonces };
    }
    return known.good;
  }

  return {
    current: () => String(good()[STEPS_BACK]),
    isGood(nonce) {
      const given = Buffer.from(nonce);
      return good().some((each) => each.length === given.length && timingSafeEqual(each, given));
    },
  };
}
