/**
 * Proofs of possession (RFC 9449) at the server's own endpoints: whether the request has one, and of which key.
 * What a proof must be like, the guard's package knows; what is bound to a key, sessions and codes do.
 */
import { DpopProofError, readDpopHeader, replayEntry, verifyDpopProof } from "@ostiary/guard/embedded";
import type { DpopProof } from "@ostiary/guard/embedded";
import type { Settings } from "../config-schema.ts";
import { OstiaryError } from "../errors.ts";
import { isProven, unproven } from "../sessions/bound-session.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import type { Session } from "../sessions/session.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { PROOF_SECONDS } from "./proofs.ts";
import type { Proofs } from "./proofs.ts";

/**
 * The request's proof; null if it has none. It must be for this endpoint as the issuer's URL names it, whatever host the
 * request was sent to, and for no access token. Throws `invalid_dpop_proof` and `use_dpop_nonce`.
 */
export function readProof(c: HttpContext, { settings, proofs }: Pick<HttpDeps, "settings" | "proofs">): ProofOfKey | null {
  const proof = verifiedProof(c, settings);
  if (proof === null) return null;
  requireNonce(c, proof, proofs);
  const { key, expiresAt } = replayEntry(proof, PROOF_SECONDS);
  return {
    thumbprint: proof.thumbprint,
    async spend() {
      if (await proofs.replays.use(key, expiresAt)) return proof.thumbprint;
      throw new OstiaryError("invalid_dpop_proof", "The proof was used before: make one for each request.");
    },
  };
}

/**
 * For who acts for a session by its refresh token alone. Throws `invalid_dpop_proof` if it is bound to another key than
 * they have.
 */
export async function requireProof(c: HttpContext, deps: Pick<HttpDeps, "settings" | "proofs">, session: Session): Promise<void> {
  if (!isProven(session, (await readProof(c, deps)?.spend()) ?? null)) throw unproven();
}

function verifiedProof(c: HttpContext, { issuer, clock }: Settings): DpopProof | null {
  try {
    const header = readDpopHeader(c.req.raw.headers);
    if (header === null) return null;
    const url = new URL(issuer).origin + new URL(c.req.url).pathname;
    return verifyDpopProof(header, { method: c.req.method, url, nowSeconds: clock() / 1000, maxAgeSeconds: PROOF_SECONDS });
  } catch (error) {
    if (error instanceof DpopProofError) throw new OstiaryError("invalid_dpop_proof", error.message);
    throw error;
  }
}

function requireNonce(c: HttpContext, { nonce }: DpopProof, { nonces, noncesRequired }: Proofs): void {
  if (nonce === null ? !noncesRequired : nonces.isGood(nonce)) return;
  c.header("DPoP-Nonce", nonces.current());
  throw new OstiaryError("use_dpop_nonce", "Make the proof with the nonce in the header DPoP-Nonce.");
}
