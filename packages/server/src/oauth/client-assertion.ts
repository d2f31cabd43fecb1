import { createKeySet, decode, JwtError, verifyJws } from "@ostiary/jwt";
import { z } from "zod";
import type { Client } from "../clients/client.ts";
import type { ClientKeys } from "../clients/client-keys.ts";
import type { Clock } from "../clock.ts";
import { SIGNING_ALGORITHMS } from "../keys/signing-algorithms.ts";
import { hashOf } from "../sessions/hash-of.ts";
import type { OnceStore } from "./oauth-store.ts";

/** `client_assertion_type` of a JWT (RFC 7523 §2.2). */
export const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** What an assertion may be signed with: never a secret, which whoever verifies could sign with too. */
export const ASSERTION_ALGORITHMS = SIGNING_ALGORITHMS.filter((algorithm) => !algorithm.startsWith("HS"));

/** Nobody can do anything with it for longer, even if its `jti` were forgotten. */
const MAX_SECONDS_AHEAD = 300;
/** How far the client's clock may be ahead of ours. */
const SKEW_SECONDS = 10;
/** None, as most libraries have it, or one that says that it is no other kind of token (RFC 8725 §3.11). */
const TYPES: readonly (string | undefined)[] = [undefined, "jwt", "client-authentication+jwt"];

const utf8 = new TextDecoder("utf-8", { fatal: true });

export interface AssertionDeps {
  readonly once: OnceStore;
  readonly keys: ClientKeys;
  readonly issuer: string;
  readonly clock: Clock;
  /** Where it comes from, as far as it is known. */
  readonly address: string | null;
}

/** Who an assertion says it is of: not verified. Null if it says nothing. */
export function claimedClientId(assertion: string): string | null {
  try {
    return decode(assertion).claims.sub ?? null;
  } catch (error) {
    if (error instanceof JwtError) return null;
    throw error;
  }
}

function keyIdOf(assertion: string): string | undefined {
  try {
    return decode(assertion).header.kid;
  } catch (error) {
    if (error instanceof JwtError) return undefined;
    throw error;
  }
}

/**
 * Whether the client has signed this for us, now, and for this request alone (RFC 7523 §3): with a key it is registered
 * with, for our issuer and nobody else, for a few minutes, and never shown to any server of this store before.
 */
export async function isAssertionOf(client: Client | null, assertion: string, deps: AssertionDeps): Promise<boolean> {
  const keys = client === null ? null : await deps.keys.of(client, keyIdOf(assertion), deps.address);
  if (client === null || keys === null) return false;
  const claims = readClaims(assertion, keys, { clientId: client.id, issuer: deps.issuer });
  const now = deps.clock() / 1000;
  if (claims === null || !isNow(claims, now)) return false;
  // Hashed with whose it is: another client may have made up the same.
  return deps.once.use(hashOf(`client assertion ${client.id} ${claims.jti}`), Math.ceil(claims.exp * 1000));
}

const seconds = z.number();
const claimsOf = (clientId: string, issuer: string) =>
  z.object({
    iss: z.literal(clientId),
    sub: z.literal(clientId),
    // Exactly the issuer, and no list: what is meant for another server too, that server could use here.
    aud: z.literal(issuer),
    exp: seconds,
    jti: z.string().min(1).max(255),
    iat: seconds.optional(),
    nbf: seconds.optional(),
  });
type Claims = z.output<ReturnType<typeof claimsOf>>;

function readClaims(
  assertion: string,
  jwks: readonly Readonly<Record<string, unknown>>[],
  { clientId, issuer }: { clientId: string; issuer: string },
): Claims | null {
  try {
    const keys = createKeySet({ keys: [...jwks] });
    const { header, payload } = verifyJws(assertion, { keys, algorithms: ASSERTION_ALGORITHMS });
    if (!TYPES.includes(header.typ?.toLowerCase().replace(/^application\//, ""))) return null;
    return claimsOf(clientId, issuer).safeParse(JSON.parse(utf8.decode(payload))).data ?? null;
  } catch (error) {
    // Broken JSON or broken UTF-8 under a good signature is no assertion either.
    if (error instanceof JwtError || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function isNow({ exp, iat, nbf }: Claims, now: number): boolean {
  const hasBegun = [iat, nbf].every((time) => time === undefined || time <= now + SKEW_SECONDS);
  return hasBegun && now < exp && exp <= now + MAX_SECONDS_AHEAD + SKEW_SECONDS;
}
