import { hash } from "node:crypto";
import { createSigner } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import type { Clock } from "../clock.ts";
import type { Keyring } from "../keys/keyring.ts";
import { authenticationClaims } from "../sessions/authentication.ts";
import type { Session } from "../sessions/session.ts";
import type { User } from "../users/user.ts";

export interface IdTokens {
  /** False where tokens are signed with a secret: then no client could verify one. */
  readonly supported: boolean;
  /** The algorithm that ID tokens are signed with at the moment (`id_token_signing_alg_values_supported`). */
  readonly algorithm: string;
  issue(about: IdTokenSubject): string;
}

export interface IdTokenSubject {
  readonly user: User;
  readonly clientId: string;
  /** The session of the browser that the user signed in with, by its id (`sid`), and how and when they did. */
  readonly signOn: Pick<Session, "id" | "authTime" | "methods">;
  readonly scopes: readonly string[];
  /** What the access token says of them: the operator's own apps show users what they may do. */
  readonly roles?: readonly string[];
  readonly nonce: string | null;
  /** The access token that is issued along with it (`at_hash`). */
  readonly accessToken: string;
}

/** ID tokens (OIDC Core §2), signed with the key of access tokens and told from them by `typ`. */
export function createIdTokens(options: {
  keyring: Pick<Keyring, "accessKey">;
  issuer: string;
  lifetimeSeconds: number;
  clock: Clock;
}): IdTokens {
  const { keyring, issuer, lifetimeSeconds, clock } = options;
  const signerWith = (key: Key) => ({
    key,
    sign: createSigner({ key, type: "JWT", issuer, expiresInSeconds: lifetimeSeconds, clock }),
  });
  let signer: ReturnType<typeof signerWith> | undefined;

  return {
    get supported() {
      return keyring.accessKey.type !== "secret";
    },
    get algorithm() {
      return keyring.accessKey.algorithm;
    },
    issue({ user, clientId, signOn, scopes, roles = [], nonce, accessToken }) {
      const key = keyring.accessKey;
      if (signer?.key !== key) signer = signerWith(key);
      return signer.sign({
        ...userClaims(user, scopes),
        sub: user.id,
        aud: clientId,
        ...authenticationClaims(signOn),
        sid: signOn.id,
        ...(roles.length === 0 ? {} : { roles }),
        ...(nonce === null ? {} : { nonce }),
        at_hash: leftHalfOfHash(accessToken, key.algorithm),
      });
    },
  };
}

/** What each scope says of a user (OIDC Core §5.4); userinfo says the same. */
export function userClaims(user: User, scopes: readonly string[]): Record<string, unknown> {
  return {
    ...(scopes.includes("profile") && user.name !== null ? { name: user.name } : {}),
    ...(scopes.includes("email") ? { email: user.email, email_verified: user.emailVerified } : {}),
  };
}

/** OIDC Core §3.1.3.6: the left half of the hash that the algorithm itself uses. Ed25519 hashes with SHA-512. */
function leftHalfOfHash(text: string, algorithm: string): string {
  const digest = hash(algorithm.endsWith("256") ? "sha256" : algorithm.endsWith("384") ? "sha384" : "sha512", text, "buffer");
  return digest.subarray(0, digest.length / 2).toString("base64url");
}
