import { encodeBase64url, hashOf } from "../base64url.ts";
import type { Vault } from "./vault.ts";

const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256" };

export interface ProofKey {
  /** Signs, and can be neither read nor taken away. */
  readonly privateKey: CryptoKey;
  /** The public half, in each proof's header. */
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  readonly thumbprint: string;
}

/** The key of this name, made if there is none. Tabs that look at once find the same. */
export async function findKey(vault: Vault, name: string): Promise<ProofKey> {
  if (!("subtle" in crypto)) throw new TypeError("Web Crypto is there on https pages and on localhost only.");
  const kept = await vault.read(name);
  const pair = isPair(kept) ? kept : await vault.add(name, await crypto.subtle.generateKey(ECDSA_P256, false, ["sign"]));
  if (!isPair(pair)) throw new TypeError(`Something else than a key is kept by the name ${name}.`);
  const { kty = "", crv = "", x = "", y = "" } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  // RFC 7638 §3: these members, in this order.
  return { privateKey: pair.privateKey, jwk: { kty, crv, x, y }, thumbprint: await hashOf(JSON.stringify({ crv, kty, x, y })) };
}

export async function sign({ privateKey }: ProofKey, text: string): Promise<string> {
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, new TextEncoder().encode(text));
  return encodeBase64url(new Uint8Array(signature));
}

function isPair(kept: unknown): kept is CryptoKeyPair {
  return typeof kept === "object" && kept !== null && "privateKey" in kept && "publicKey" in kept;
}
