import { storeUnavailable } from "../errors.ts";
import type { RingDeps } from "./change-ring.ts";
import { createSecretBox } from "./secret-box.ts";
import type { SecretBox } from "./secret-box.ts";

/** Seals what must be read again, and not by whoever has copied the database: under one key, which lies beside the ring. */
export interface DataSafe {
  seal(plaintext: Uint8Array, context: string): Promise<Uint8Array>;
  /** Null if it was sealed for another context, or was changed. */
  open(sealed: Uint8Array, context: string): Promise<Uint8Array | null>;
}

const DATA_KEY_BYTES = 32;
const MAX_TRIES = 20;

/**
 * The key is made when it is first needed, and never changes: a new secret seals it anew in the transaction in which it seals
 * the ring, and nothing that is sealed under it has to be touched.
 */
export function createDataSafe({ store, safe, random }: Pick<RingDeps, "store" | "safe" | "random">): DataSafe {
  let opened: SecretBox | null = null;

  async function box(): Promise<SecretBox> {
    if (opened !== null) return opened;
    const key = await readOrMake();
    return (opened = createSecretBox(Buffer.from(key).toString("base64url"), random));
  }

  async function readOrMake(): Promise<Uint8Array> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const ring = await store.read();
      const found = safe.openDataKey(ring);
      if (found !== null) return found;
      const made = random.bytes(DATA_KEY_BYTES);
      const change = {
        secretId: safe.secretIdOf(ring),
        dataKey: safe.sealDataKey(ring, made),
        keys: [],
        revocations: [],
        audit: [],
      };
      if ((await store.write({ revision: ring.revision, ...change })) !== null) return made;
    }
    throw storeUnavailable(new Error("The key ring was changed by others each time a key was to be laid beside it."));
  }

  return {
    seal: async (plaintext, context) => (await box()).seal(plaintext, context),
    open: async (sealed, context) => (await box()).open(sealed, context),
  };
}
