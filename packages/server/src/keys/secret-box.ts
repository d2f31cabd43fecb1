import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Random } from "../random.ts";

/** Encrypts what must not be read from a copied database. `context` binds a box to its place. */
export interface SecretBox {
  /** Tells secrets apart without telling them. */
  readonly secretId: string;
  seal(plaintext: Uint8Array, context: string): Uint8Array;
  /** Null if the box was sealed under another secret or context, or was changed. */
  open(sealed: Uint8Array, context: string): Uint8Array | null;
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_ID_BYTES = 9;

/** AES-256-GCM under a key derived from `secret`: one format byte, the nonce, the tag, the ciphertext. */
export function createSecretBox(secret: string, random: Random): SecretBox {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "ostiary keys at rest", 32));
  const secretId = Buffer.from(hkdfSync("sha256", secret, "", "ostiary secret id", SECRET_ID_BYTES)).toString("base64url");
  return {
    secretId,

    seal(plaintext, context) {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return new Uint8Array(Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), ciphertext]));
    },

    open(sealed, context) {
      if (sealed[0] !== FORMAT || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return null;
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
      const plaintext = decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES));
      try {
        return new Uint8Array(Buffer.concat([plaintext, decipher.final()]));
      } catch {
        return null; // GCM's only way to say that the tag does not fit.
      }
    },
  };
}
