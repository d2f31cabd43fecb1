import type { TokenStorage } from "../token-storage.ts";
import { findKey } from "./proof-key.ts";
import type { ProofKey } from "./proof-key.ts";
import { createProver } from "./prove.ts";
import type { Proven } from "./prove.ts";
import { createProvingFetch } from "./proving-fetch.ts";
import { openVault } from "./vault.ts";

export type { Proven };

export interface DpopOptions {
  /** Of the key, among the keys of this origin. Default: `ostiary`. */
  readonly name?: string | undefined;
}

/** One key of this browser, and what can be done with it. Made once, and given to a client; it does nothing before it is used. */
export interface Dpop {
  /** The key's, as servers know it (RFC 7638). */
  readonly thumbprint: () => Promise<string>;
  /** For a request that something else than a client of ours sends, in its header `DPoP`. For this one request. */
  readonly proof: (request: Proven) => Promise<string>;
  /** Proves what a client sends with a token of ours, or to the issuer without one. Everything else passes as it is. */
  readonly over: (fetch: typeof globalThis.fetch, issuer: string) => typeof globalThis.fetch;
  /** A place beside the key, as lasting as it and no longer, for what is worth nothing without it. */
  readonly storage: (name: string) => TokenStorage;
}

/**
 * The key is made at its first use, in Web Crypto, from which it cannot be taken out, and kept in this origin's IndexedDB. Where
 * there is none, as in Node, it lives as long as the process. Methods reject with a `TypeError` where there is no Web Crypto:
 * browsers have it on https pages and on localhost.
 */
export function createDpop(options: DpopOptions = {}): Dpop {
  return createDpopIn({ now: () => Date.now(), vault: openVault() }, options);
}

export interface DpopPlace {
  readonly now: () => number;
  readonly vault: ReturnType<typeof openVault>;
}

export function createDpopIn({ now, vault }: DpopPlace, { name = "ostiary" }: DpopOptions): Dpop {
  let found: Promise<ProofKey> | null = null;
  const key = async (): Promise<ProofKey> => {
    try {
      return await (found ??= findKey(vault, name));
    } catch (error) {
      // What failed for a moment may go well the next time.
      found = null;
      throw error;
    }
  };
  const prover = createProver(now, key);
  return {
    thumbprint: async () => (await key()).thumbprint,
    proof: async (request) => (await prover.prove(request)).text,
    over: (fetch, issuer) => createProvingFetch(fetch, issuer, prover),
    storage(place) {
      const entry = `${name} ${place}`;
      return {
        async load() {
          const kept = await vault.read(entry);
          return typeof kept === "string" ? kept : null;
        },
        save: (text) => vault.write(entry, text),
      };
    },
  };
}
