import { createHash } from "node:crypto";
import type { Key } from "@ostiary/jwt";

/** The published key set, as it is sent (RFC 7517 §5). */
export interface JwksDocument {
  readonly text: string;
  /** The same for the same text, whichever replica sends it (RFC 9110 §8.8.3). */
  readonly etag: string;
}

/** Of secrets nothing is published. */
export function jwksDocument(keys: readonly Key[]): JwksDocument {
  const text = JSON.stringify({ keys: keys.filter(({ type }) => type !== "secret").map((key) => key.publicJwk()) });
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}
