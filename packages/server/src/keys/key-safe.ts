import { importKey } from "@ostiary/jwt";
import type { Jwk, Key } from "@ostiary/jwt";
import { StartError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { KeyPurpose, KeyRing, StoredKey } from "./key-store.ts";
import { createSecretBox } from "./secret-box.ts";
import type { SecretBox } from "./secret-box.ts";

/** What keys are sealed under: the secret in force, and the one before while it is being changed. */
export interface Secrets {
  readonly current: string;
  readonly previous: readonly string[];
}

/** Seals and opens keys. A ring is sealed under one secret as a whole; until all is resealed that is the earlier one. */
export interface KeySafe {
  /** Which secret new keys of this ring are sealed under. Throws a StartError if it is not one of ours. */
  secretIdOf(ring: KeyRing): string;
  seal(ring: KeyRing, purpose: KeyPurpose, id: string, key: Key): Uint8Array;
  /** Throws a StartError if the key does not open, or is not the one its row says. */
  open(ring: KeyRing, stored: StoredKey): Key;
  /** Null if there is none yet. Throws a StartError if it does not open. */
  openDataKey(ring: KeyRing): Uint8Array | null;
  sealDataKey(ring: KeyRing, key: Uint8Array): Uint8Array;
  /** Forgets opened keys that are not in the ring any more. */
  keepOnly(keys: readonly StoredKey[]): void;
  /** The keys of the ring under the secret in force. Throws a StartError if one does not open. */
  reseal(ring: KeyRing): { secretId: string; keys: StoredKey[]; dataKey?: Uint8Array };
}

/** No key of the ring has it: theirs begin with what they are for. */
const DATA_KEY_CONTEXT = "data-key";

/** `readSecrets` is asked again when a ring comes under a secret that is not known: the file may have changed. */
export function createKeySafe(readSecrets: () => Secrets, random: Random): KeySafe {
  // Read when first needed: most commands of the command line need none.
  let boxes: SecretBox[] = [];
  const opened = new Map<string, Key>();

  /** The one in force first. */
  function readBoxes(): SecretBox[] {
    const { current, previous } = readSecrets();
    boxes = [...new Set([current, ...previous])].map((secret) => createSecretBox(secret, random));
    return boxes;
  }

  function boxOf(ring: KeyRing): SecretBox {
    const { secretId } = ring;
    const isRings = (box: SecretBox): boolean => box.secretId === secretId;
    // Nobody has written to this ring since it tells: the secret is whichever opens it.
    const opensAll = (box: SecretBox): boolean => ring.keys.every((key) => opensIn(box, key));
    const isIt = secretId === null ? opensAll : isRings;
    const found = boxes.find(isIt) ?? readBoxes().find(isIt);
    if (found === undefined) throw anotherSecret();
    return found;
  }

  function open(ring: KeyRing, stored: StoredKey): Key {
    // An opened key stays good when the ring comes under a secret that this process does not know.
    const known = opened.get(stored.id);
    if (known !== undefined) return known;
    const plaintext = boxOf(ring).open(stored.sealed, context(stored));
    if (plaintext === null) throw changedKey();
    const key = importKey(JSON.parse(new TextDecoder().decode(plaintext)) as Jwk);
    if (key.keyId !== stored.id || key.algorithm !== stored.algorithm) throw changedKey();
    opened.set(stored.id, key);
    return key;
  }

  function openDataKey(ring: KeyRing): Uint8Array | null {
    if (ring.dataKey === undefined || ring.dataKey === null) return null;
    const key = boxOf(ring).open(ring.dataKey, DATA_KEY_CONTEXT);
    if (key === null) throw changedKey();
    return key;
  }

  return {
    secretIdOf: (ring) => boxOf(ring).secretId,
    seal: (ring, purpose, id, key) => boxOf(ring).seal(plaintextOf(key), context({ purpose, id })),
    open,
    openDataKey,
    sealDataKey: (ring, key) => boxOf(ring).seal(key, DATA_KEY_CONTEXT),
    keepOnly(keys) {
      const ids = new Set(keys.map(({ id }) => id));
      for (const id of opened.keys()) if (!ids.has(id)) opened.delete(id);
    },
    reseal(ring) {
      const [current] = readBoxes();
      if (current === undefined) throw anotherSecret();
      const held = ring.keys.filter(({ state }) => state !== "gone");
      const dataKey = openDataKey(ring);
      return {
        ...(dataKey === null ? {} : { dataKey: current.seal(dataKey, DATA_KEY_CONTEXT) }),
        secretId: current.secretId,
        keys: held.map((key) => ({ ...key, sealed: current.seal(plaintextOf(open(ring, key)), context(key)) })),
      };
    },
  };
}

function opensIn(box: SecretBox, key: StoredKey): boolean {
  return key.state === "gone" || box.open(key.sealed, context(key)) !== null;
}

function plaintextOf(key: Key): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(key.privateJwk()));
}

/** Binds a box to its place: what is sealed for one does not open in another. */
function context({ purpose, id }: Pick<StoredKey, "purpose" | "id">): string {
  return `${purpose}:${id}`;
}

function anotherSecret(): StartError {
  return new StartError(
    "The signing keys in this database were encrypted under another secret: start with the OSTIARY_SECRET they were made with.",
  );
}

function changedKey(): StartError {
  return new StartError("A signing key in this database was changed or damaged: restore the database from a backup.");
}
