import { encodeBase64url, hashOf } from "../base64url.ts";
import { sign } from "./proof-key.ts";
import type { ProofKey } from "./proof-key.ts";

/** What a proof is for. */
export interface Proven {
  readonly method: string;
  /** Absolute; what follows a question mark is not part of it. */
  readonly url: string;
  /** The one that the request brings along, if it does. */
  readonly accessToken?: string | undefined;
}

export interface Prover {
  readonly prove: (request: Proven) => Promise<Proof>;
  /** Looks at the answer to what was sent with a proof. Returns whether another proof would do better. */
  readonly learn: (response: Response, url: string, sent: Proof) => Promise<boolean>;
}

export interface Proof {
  /** Good once, for about a minute (RFC 9449 §4.2). */
  readonly text: string;
  /** What it was made with. */
  readonly nonce: string | undefined;
  readonly behindMs: number;
}

/** Servers take proofs from 60 s ago to 5 s ahead; a clock that is off by less than this needs no help. */
const CLOCK_TOLERANCE_MS = 5000;

export function createProver(now: () => number, key: () => Promise<ProofKey>): Prover {
  /** What each origin last told (RFC 9449 §8, §9). */
  const nonces = new Map<string, string>();
  /** How far this machine's clock is behind the servers'. */
  let behindMs = 0;

  return {
    async prove({ method, url, accessToken }) {
      const proofKey = await key();
      const { origin, href } = new URL(url);
      const nonce = nonces.get(origin);
      const at = behindMs;
      const claims = {
        jti: encodeBase64url(crypto.getRandomValues(new Uint8Array(16))),
        htm: method,
        htu: href.replace(/[?#].*$/, ""),
        iat: Math.floor((now() + at) / 1000),
        ...(accessToken === undefined ? {} : { ath: await hashOf(accessToken) }),
        ...(nonce === undefined ? {} : { nonce }),
      };
      const text = `${encode({ typ: "dpop+jwt", alg: "ES256", jwk: proofKey.jwk })}.${encode(claims)}`;
      return { text: `${text}.${await sign(proofKey, text)}`, nonce, behindMs: at };
    },

    async learn(response, url, sent) {
      const { origin } = new URL(url);
      const nonce = response.headers.get("DPoP-Nonce");
      if (nonce !== null) nonces.set(origin, nonce);
      const error = await errorOf(response);
      // Of many requests at once each learns the same, and each is to have its try with it.
      if (error === "use_dpop_nonce") return nonces.get(origin) !== sent.nonce;
      if (error !== "invalid_dpop_proof") return false;
      const date = Date.parse(response.headers.get("Date") ?? "");
      if (Math.abs(date - now() - behindMs) > CLOCK_TOLERANCE_MS) behindMs = date - now();
      return behindMs !== sent.behindMs;
    },
  };
}

/** As the token endpoint says it (400, a body), and as APIs do (401, a challenge; and Ostiary's guards a body too). */
async function errorOf(response: Response): Promise<unknown> {
  if (response.status !== 400 && response.status !== 401) return null;
  const challenge = /\bDPoP\b.*?\berror="([^"]+)"/i.exec(response.headers.get("WWW-Authenticate") ?? "")?.[1];
  if (challenge !== undefined) return challenge;
  const body: unknown = await response.clone().json().catch(() => null);
  return (body as { error?: unknown } | null)?.error;
}

function encode(part: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(part)));
}
