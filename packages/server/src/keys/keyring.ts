/**
 * The ring as a running server uses it: opened keys in memory, followed as other processes change them. How a ring is
 * changed is `change-ring`'s business; nothing here decides what is due.
 */
import { createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createKeySet } from "@ostiary/jwt";
import type { Key, KeySet } from "@ostiary/jwt";
import { storeUnavailable } from "../errors.ts";
import { oneAfterTheOther } from "../revocation/one-after-the-other.ts";
import { changeRing } from "./change-ring.ts";
import type { RingDeps } from "./change-ring.ts";
import { jwksDocument } from "./jwks.ts";
import type { JwksDocument } from "./jwks.ts";
import { jwksMaxAgeSeconds } from "./key-policy.ts";
import type { KeyPurpose, KeyRing, KeyState } from "./key-store.ts";
import { isDue } from "./settle-ring.ts";

/** The keys of an auth server, opened, as they are at the moment: ask each time. */
export interface Keyring {
  /** Signs access tokens. */
  readonly accessKey: Key;
  /** Verifies access tokens: the signing key and those of its kind that are upcoming or retiring. */
  readonly accessKeys: KeySet;
  /** Signs refresh tokens. */
  readonly refreshKey: Key;
  readonly refreshKeyId: string;
  readonly refreshKeys: KeySet;
  /** Makes CSRF tokens and what browser cookies carry besides refresh tokens. */
  readonly browserSecret: KeyObject;
  /** What the JWKS endpoint publishes: public keys only, none where access tokens are signed with HS*. */
  readonly jwks: JwksDocument;
  /** How long it may be kept. */
  readonly jwksMaxAgeSeconds: number;
  /** Reads the ring if anyone has changed it, and does what is due. */
  catchUp(): Promise<void>;
  /** The same, soon; a failure is told to the operator. */
  look(): void;
  close(): void;
}

/** The keys of one ring, by what they are for. */
interface Opened {
  readonly signing: Readonly<Record<KeyPurpose, Key | undefined>>;
  readonly verifying: Readonly<Record<KeyPurpose, KeySet>>;
  /** Made once: with bytes for a key `createHmac` takes several times as long. */
  readonly browserSecret: KeyObject | null;
  readonly jwks: JwksDocument;
}

const STATES = ["active", "upcoming", "retiring"] as const satisfies KeyState[];

/** A replica learns within so long what the ring has become; less than any key is published ahead. */
const LOOK_EVERY_MS = 1000;

/**
 * Opens the ring, making the keys that are not there yet, and follows it: what other processes change is noticed, and
 * what is due is done by whichever replica comes first.
 * Throws a StartError if the keys were sealed under another secret.
 */
export async function openKeyring(deps: RingDeps & { onError: (error: unknown) => void }): Promise<Keyring> {
  const { store, onError } = deps;
  let ring = await changeRing(deps);
  let opened = openRing(deps, ring, (error) => {
    throw error;
  });

  // One at a time: a look that is overtaken would bring back a key that has been taken out.
  const catchUp = oneAfterTheOther(async () => {
    const isSame = (await store.revision()) === ring.revision;
    // What is due changes with the time alone, too.
    if (isSame && !isDue(deps, ring, deps.clock())) return;
    ring = await changeRing(deps);
    opened = openRing(deps, ring, onError);
  });

  let failing = false;
  let closed = false;
  function look(): void {
    if (!closed) void tryToCatchUp();
  }

  async function tryToCatchUp(): Promise<void> {
    try {
      await catchUp();
      failing = false;
    } catch (error) {
      // An outage is told once, not at every look.
      if (!failing && !closed) onError(error);
      failing = true;
    }
  }
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();

  return {
    get accessKey() {
      return signingKey("access");
    },
    get accessKeys() {
      return opened.verifying.access;
    },
    get refreshKey() {
      return signingKey("refresh");
    },
    get refreshKeyId() {
      return keyIdOf(signingKey("refresh"));
    },
    get refreshKeys() {
      return opened.verifying.refresh;
    },
    get browserSecret() {
      return opened.browserSecret ?? noKey("browser");
    },
    get jwks() {
      return opened.jwks;
    },
    jwksMaxAgeSeconds: jwksMaxAgeSeconds(deps.policy),
    catchUp,
    look,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };

  function signingKey(purpose: KeyPurpose): Key {
    const key = opened.signing[purpose];
    return key ?? noKey(purpose);
  }
}

/** `onUnopened` is told of keys that do not open, and the others go on. */
function openRing({ safe, policy }: RingDeps, ring: KeyRing, onUnopened: (error: unknown) => void): Opened {
  // The one that signs first: some look no further.
  const held = STATES.flatMap((state) => ring.keys.filter((key) => key.state === state));
  safe.keepOnly(held);
  const keys = held.flatMap((stored) => {
    try {
      return [{ stored, key: safe.open(ring, stored) }];
    } catch (error) {
      onUnopened(error);
      return [];
    }
  });
  const ofPurpose = (purpose: KeyPurpose) => keys.filter(({ stored }) => stored.purpose === purpose);
  const signing = (purpose: KeyPurpose) => ofPurpose(purpose).find(({ stored }) => stored.state === "active")?.key;
  const all = (purpose: KeyPurpose) => ofPurpose(purpose).map(({ key }) => key);

  const accessKey = policy.accessSecret ?? signing("access");
  // Where the algorithm goes from a secret to a key pair or back, one set cannot hold both (RFC 8725 §3.1): access
  // tokens of before are refused, and refreshed.
  const isSecret = accessKey?.type === "secret";
  const accessKeys =
    policy.accessSecret !== null ? [policy.accessSecret] : all("access").filter((key) => (key.type === "secret") === isSecret);
  const browserKey = signing("browser");
  return {
    signing: { access: accessKey, refresh: signing("refresh"), browser: browserKey },
    browserSecret: browserKey === undefined ? null : createSecretKey(browserKey.privateJwk().k ?? "", "base64url"),
    verifying: {
      access: createKeySet(accessKeys),
      refresh: createKeySet(all("refresh")),
      browser: createKeySet(all("browser")),
    },
    jwks: jwksDocument(policy.accessSecret === null ? all("access") : []),
  };
}

function noKey(purpose: KeyPurpose): never {
  throw storeUnavailable(new Error(`There is no ${purpose} key to sign with.`));
}

function keyIdOf(key: Key): string {
  if (key.keyId === undefined) throw new Error("A refresh key without a key id.");
  return key.keyId;
}
