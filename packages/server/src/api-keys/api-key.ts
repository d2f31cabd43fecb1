/**
 * API keys: credentials that do not rotate by themselves, for programs that cannot do OAuth.
 * Owns what a key is, who it stands for and until when. Guards ask about keys by introspection, and hear of their end by the
 * revocation log: `sid` is the key's id, `jti` its secret's.
 */
import { OstiaryError } from "../errors.ts";
import { isShownText } from "../users/shown-text.ts";

const MAX_NAME = 100;

export interface ApiKey {
  /** 20 characters; they sort by time. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly owner: ApiKeyOwner;
  /** What it may do at APIs, of what its owner may. */
  readonly scopes: readonly string[];
  /** Whether its owner's roles are the key's too. */
  readonly withRoles: boolean;
  readonly secret: ApiKeySecret;
  /** The secret before the last rotation, which is good until then; null if there is none. */
  readonly previous: (ApiKeySecret & { readonly until: number }) | null;
  /** Milliseconds since the epoch, like the others. */
  readonly createdAt: number;
  /** Null if it is good until somebody revokes it. */
  readonly expiresAt: number | null;
  /** To the minute. */
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** The user, or the service account, that a key stands for. */
export type ApiKeyOwner = { readonly userId: string } | { readonly clientId: string };

/** Of the secret itself there is no more than that. */
export interface ApiKeySecret {
  /** The `jti` of what guards are told: names this secret, and is none. */
  readonly id: string;
  /** SHA-256 of the whole key. */
  readonly hash: Uint8Array;
}

export function isLive({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt);
}

/** When it is over, or was; null if it lasts. */
export function endOf({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">): number | null {
  return revokedAt !== null && expiresAt !== null ? Math.min(revokedAt, expiresAt) : (revokedAt ?? expiresAt);
}

/** Who it is of, for the audit and for lists. */
export function ownerIds(owner: ApiKeyOwner): { userId: string | null; clientId: string | null } {
  return "userId" in owner ? { userId: owner.userId, clientId: null } : { userId: null, clientId: owner.clientId };
}

/** Throws `invalid_request` for a name that cannot be shown. */
export function checkedKeyName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== "" && trimmed.length <= MAX_NAME && isShownText(trimmed)) return trimmed;
  throw invalidField("name", `must have 1 to ${MAX_NAME} characters, none of them control or broken characters`);
}

export function invalidField(field: string, problem: string): OstiaryError {
  return new OstiaryError("invalid_request", `${field} ${problem}.`, { reason: "invalid_field", field });
}
