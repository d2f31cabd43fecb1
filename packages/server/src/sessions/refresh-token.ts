import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { JwtError, signJws, verifyJws } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { REFRESH_TOKEN_TYPE } from "@ostiary/protocol";
import type { RefreshTokenClaims } from "@ostiary/protocol";
import { z } from "zod";
import { toSeconds } from "../clock.ts";
import { OstiaryError } from "../errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { sessionExpiresAt } from "./session.ts";
import type { Session } from "./session.ts";

export interface RefreshTokens {
  /** The token of the session's current generation: always the same bytes, so that it need not be stored. */
  issue(session: Session): string;
  /**
   * Checks signature and form. Whether the token is still good, its session decides: it knows more than `exp`.
   * Throws `invalid_token`.
   */
  read(token: string): ReadRefreshToken;
}

export interface ReadRefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly jti: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

const claimsSchema: z.ZodType<RefreshTokenClaims> = z.object({
  iss: z.string(),
  sid: z.string().min(1),
  gen: z.int().min(0),
  jti: z.string().min(1),
  iat: z.int(),
  exp: z.int(),
});

export function createRefreshTokens(keyring: Pick<Keyring, "refreshKeys">, issuer: string): RefreshTokens {
  return {
    issue(session) {
      const claims: RefreshTokenClaims = {
        iss: issuer,
        sid: session.id,
        gen: session.generation,
        jti: tokenIdentifier(session, session.generation),
        iat: toSeconds(session.rotatedAt),
        exp: toSeconds(sessionExpiresAt(session)),
      };
      const key = refreshKeyOf(session, keyring);
      return signJws(JSON.stringify(claims), { key, header: { typ: REFRESH_TOKEN_TYPE } });
    },

    read(token) {
      const claims = readClaims(token, keyring);
      if (claims.iss !== issuer) throw refused("claim_invalid", "The refresh token was issued by someone else.");
      return { sessionId: claims.sid, generation: claims.gen, jti: claims.jti, expiresAt: claims.exp * 1000 };
    },
  };
}

/** Whether the token is one this session gave out, and not one made with a leaked signing key. */
export function isGenuine(session: Session, token: ReadRefreshToken): boolean {
  const expected = Buffer.from(tokenIdentifier(session, token.generation));
  const actual = Buffer.from(token.jti);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function tokenIdentifier(session: Session, generation: number): string {
  // As a key object: with bytes for a key `createHmac` takes three times as long.
  return createHmac("sha256", createSecretKey(session.secret)).update(`refresh token ${generation}`).digest("base64url");
}

function refreshKeyOf(session: Session, keyring: Pick<Keyring, "refreshKeys">): Key {
  const key = keyring.refreshKeys.get(session.refreshKeyId);
  // It was taken out as compromised: nobody can tell this session's tokens from forged ones.
  if (key === undefined) throw refused("signature_invalid", "The session's refresh key was withdrawn. Sign in again.");
  return key;
}

function readClaims(token: string, keyring: Pick<Keyring, "refreshKeys">): RefreshTokenClaims {
  try {
    const { header, payload } = verifyJws(token, { keys: keyring.refreshKeys, algorithms: ["HS256"] });
    if (header.typ !== REFRESH_TOKEN_TYPE) throw refused("token_malformed", "This is not a refresh token.");
    return claimsSchema.parse(JSON.parse(utf8.decode(payload)));
  } catch (error) {
    if (error instanceof OstiaryError) throw error;
    if (error instanceof JwtError && error.code !== "token_malformed") {
      throw refused("signature_invalid", "The refresh token's signature is not ours.");
    }
    throw refused("token_malformed", "The refresh token is malformed.");
  }
}

function refused(reason: "token_malformed" | "signature_invalid" | "claim_invalid", message: string): OstiaryError {
  return new OstiaryError("invalid_token", message, { reason });
}
