/**
 * Whether whoever sends a token that is bound to a key has that key (RFC 9449 §4.3, §7.1): by the request's proof, which
 * must be for this request and this token, by this key, and not have been used before.
 */
import { isLoopback } from "../address.ts";
import { invalidProof, proofsUnknown, useNonce } from "../challenge.ts";
import type { GuardedRequest } from "../extract-token.ts";
import type { DpopNonces } from "./dpop-nonce.ts";
import { DpopProofError, readDpopHeader, verifyDpopProof, type DpopProof } from "./dpop-proof.ts";
import { replayEntry, type ReplayStore } from "./replay-memory.ts";

export interface Possession {
  /** Whether tokens that are bound to nothing are refused. */
  readonly required: boolean;
  /** Throws a `GuardError`, 401 or 503, unless the request proves that it is by the key with this thumbprint. */
  prove(request: GuardedRequest, token: string, thumbprint: string): Promise<void>;
}

export interface PossessionOptions {
  /** Of the API, as its callers write it; undefined where that is not known. */
  readonly origin: string | undefined;
  readonly required: boolean;
  readonly replays: ReplayStore;
  /** Looked at in each proof that has one. */
  readonly nonces: DpopNonces | undefined;
  /** Whether every proof has to have one. */
  readonly noncesRequired: boolean;
  readonly maxAgeSeconds: number;
  readonly clock: () => number;
  readonly onWarning: (message: string) => void;
}

export function createPossession(options: PossessionOptions): Possession {
  const { replays, nonces, maxAgeSeconds, clock } = options;
  const addressOf = createAddressing(options);

  function verify(request: GuardedRequest, accessToken: string): DpopProof {
    const url = addressOf(request);
    try {
      const proof = readDpopHeader(request.headers);
      if (proof === null) throw new DpopProofError("The request has no DPoP proof.");
      return verifyDpopProof(proof, { method: request.method, url, accessToken, nowSeconds: clock() / 1000, maxAgeSeconds });
    } catch (error) {
      throw error instanceof DpopProofError ? invalidProof(error.message, error.cause) : error;
    }
  }

  function checkNonce({ nonce }: DpopProof): void {
    if (nonces === undefined) return;
    if (nonce === null ? options.noncesRequired : !nonces.isGood(nonce)) throw useNonce(nonces.current());
  }

  async function isFirstUse(proof: DpopProof): Promise<boolean> {
    const { key, expiresAt } = replayEntry(proof, maxAgeSeconds);
    try {
      return await replays.use(key, expiresAt);
    } catch (error) {
      throw proofsUnknown(error);
    }
  }

  return {
    required: options.required,
    async prove(request, token, thumbprint) {
      const proof = verify(request, token);
      if (proof.thumbprint !== thumbprint) throw invalidProof("The DPoP proof is by another key than the access token is bound to.");
      checkNonce(proof);
      // The last of all: only what was good is remembered.
      if (!(await isFirstUse(proof))) throw invalidProof("The DPoP proof was used before: make one for each request.");
    },
  };
}

/** Under which address a request was sent: its path as it came, below the API's own origin, whatever a proxy says. */
function createAddressing({ origin, onWarning }: PossessionOptions): (request: GuardedRequest) => string {
  let warned = false;
  return ({ url, headers }) => {
    const [, sentTo, rest = ""] = /^(https?:\/\/[^/?#]*)?(.*)$/is.exec(url) ?? [];
    const path = rest.startsWith("/") ? rest : `/${rest}`;
    if (origin !== undefined) return origin + path;
    // Who sends the request says what is in its Host header. On this machine alone nothing hangs on it.
    const address = `${sentTo ?? `http://${headers.get("host") ?? ""}`}${path}`;
    if (URL.canParse(address) && isLoopback(new URL(address))) return address;
    if (!warned) onWarning("DPoP proofs are refused: the guard does not know its API's address. Set the option resource");
    warned = true;
    throw invalidProof("No DPoP proof can be checked here: this API was not told its own address.");
  };
}
