import { importSecret } from "@ostiary/jwt";
import type { Algorithm, Key } from "@ostiary/jwt";
import type { Settings } from "../config-schema.ts";

/** What the settings say of keys. Times in seconds. */
export interface KeyPolicy {
  readonly signingAlgorithm: Algorithm;
  readonly rotationSeconds: number;
  readonly publishAheadSeconds: number;
  readonly accessTokenSeconds: number;
  /** The longest time for which a session may go without being refreshed. */
  readonly refreshTokenSeconds: number;
  /** A secret from the settings that signs access tokens in place of the ring's keys. */
  readonly accessSecret: Key | null;
  /** A secret from the settings that signs refresh tokens; it is kept in the ring, so that it can be changed. */
  readonly refreshSecret: Uint8Array | null;
}

/** Guards may keep a JWKS document for so long at the most, in seconds. */
const MAX_JWKS_AGE_SECONDS = 300;

export function keyPolicyOf(settings: Settings): KeyPolicy {
  const { signingAlgorithm, accessTokenSecret, refreshTokenSecret } = settings;
  return {
    signingAlgorithm,
    rotationSeconds: settings.keyRotation,
    publishAheadSeconds: settings.keyPublishAhead,
    accessTokenSeconds: settings.accessTokenTtl,
    refreshTokenSeconds: Math.max(settings.refreshTokenTtl, settings.rememberTtl),
    // Without a key id, so that whoever has the text alone can verify.
    accessSecret:
      accessTokenSecret === undefined ? null : importSecret(Buffer.from(accessTokenSecret), { algorithm: signingAlgorithm }),
    refreshSecret: refreshTokenSecret === undefined ? null : Buffer.from(refreshTokenSecret),
  };
}

/** How long guards may keep the JWKS document: twice within the time for which a key is published before its use. */
export function jwksMaxAgeSeconds({ publishAheadSeconds }: Pick<KeyPolicy, "publishAheadSeconds">): number {
  return Math.min(MAX_JWKS_AGE_SECONDS, Math.floor(publishAheadSeconds / 2));
}
