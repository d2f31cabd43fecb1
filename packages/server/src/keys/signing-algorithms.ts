import type { Algorithm } from "@ostiary/jwt";

/** What may sign access tokens. A token counts only by a key of its own algorithm, whatever else is in this list. */
export const SIGNING_ALGORITHMS = [
  ...(["ES256", "ES384", "ES512", "Ed25519", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["HS256", "HS384", "HS512"] as const),
] satisfies Algorithm[];
