import { JwtError, verifyJws } from "@ostiary/jwt";
import type { KeySet } from "@ostiary/jwt";
import type { Keyring } from "../keys/keyring.ts";

/** What an ID token of ours tells of whom it was issued to and about. */
export interface IdTokenHint {
  readonly clientId: string;
  readonly userId: string;
  /** The session of the browser. */
  readonly signOnId: string;
}

/**
 * Reads ID tokens that clients show us again, expired ones too; null for what is none of ours. `gone`: it names a key that we
 * do not have, as one of ours does once its key was rotated out; clients keep them for longer than that.
 */
export type ReadIdTokenHint = (token: string) => IdTokenHint | "gone" | null;

/** An ID token is signed with the keys of access tokens, and told from them by its `typ`. */
export function createIdTokenHints({
  keyring,
  issuer,
}: {
  keyring: Pick<Keyring, "accessKeys">;
  issuer: string;
}): ReadIdTokenHint {
  return (token) => {
    const payload = verified(token, keyring.accessKeys);
    if (payload === null || payload === "gone") return payload;
    const { iss, aud, sub, sid } = JSON.parse(Buffer.from(payload).toString()) as Readonly<Record<string, unknown>>;
    if (iss !== issuer || typeof aud !== "string" || typeof sub !== "string" || typeof sid !== "string") return null;
    return { clientId: aud, userId: sub, signOnId: sid };
  };
}

function verified(token: string, keys: KeySet): Uint8Array | "gone" | null {
  const algorithms = Array.from(keys, ({ algorithm }) => algorithm);
  try {
    return verifyJws(token, { keys, algorithms, type: "JWT" }).payload;
  } catch (error) {
    if (error instanceof JwtError) return error.code === "unknown_key" ? "gone" : null;
    throw error;
  }
}
