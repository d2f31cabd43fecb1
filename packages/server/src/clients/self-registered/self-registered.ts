/**
 * Clients that came by themselves: by dynamic registration (RFC 7591), or by a document at the address that is their id.
 * Owns what they say of themselves and how it is taken, who may register, and who may change a registration. Nobody has
 * vouched for any of them: each time their users are asked, and none is ever the operator's own.
 */

import type { Held } from "./held.ts";

/** How it came. `request`: to the registration endpoint. `document`: its id is the address of what it says of itself. */
export type Way = "request" | "document";

export interface SelfRegistered {
  readonly way: Way;
  /** The address that asked for it; null if none is known. */
  readonly ip: string | null;
  /**
   * SHA-256, base64url, of the token that its registration is changed with; null for a document, which is changed where it
   * is.
   */
  readonly tokenHash: string | null;
  /** What it says of itself beyond what we go by: shown, never believed. */
  readonly said: Said;
  /** When the document was read last; null for a request. Milliseconds since the epoch. */
  readonly readAt: number | null;
  /** When it first got a token; null if it never did. Milliseconds since the epoch. */
  readonly usedAt: number | null;
  /** What the operator has set since. */
  readonly held?: Held;
}

/** By the names of RFC 7591 §2. */
export interface Said {
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly policy_uri?: string;
  readonly tos_uri?: string;
  readonly contacts?: readonly string[];
  readonly software_id?: string;
  readonly software_version?: string;
  readonly application_type?: "web" | "native";
  readonly sector_identifier_uri?: string;
}

/** For the application that embeds the server: without the hash of its token. */
export interface PublicSelfRegistered {
  readonly way: Way;
  readonly ip: string | null;
  readonly clientUri: string | null;
  readonly usedAt: number | null;
}

export function publicSelfRegistered(of: SelfRegistered | undefined): PublicSelfRegistered | null {
  if (of === undefined) return null;
  const { way, ip, said, usedAt } = of;
  return { way, ip, clientUri: said.client_uri ?? null, usedAt };
}
