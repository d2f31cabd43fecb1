import type { AnswerHeaders } from "./http-context.ts";

const EXPOSED = { "access-control-expose-headers": "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, DPoP-Nonce, Date" };
const PREFLIGHT_SECONDS = { "access-control-max-age": "600" };

/** Whose pages may call a path: nobody's; those of the allowed origins, with cookies; or everyone's, without. */
export type CallingPages = "none" | "allowed" | "any";

/** What stands on answers about a path to a page's origin, and on the answer to its preflight; null if it gets none. */
export interface CorsHeaders {
  readonly answer: Readonly<AnswerHeaders>;
  readonly preflight: Readonly<AnswerHeaders> | null;
}

/**
 * Lets pages of exactly these origins call, with cookies, and read the answers (Fetch §3.2, "CORS protocol").
 * Other origins get no CORS header at all: their browsers keep the answer from them. Where no cookie counts for anything,
 * the path may be everyone's: browsers send none along, and the answer is what any program would get.
 * `always` is on every answer besides.
 */
export function allowOrigins(
  allowed: readonly string[],
  always: Readonly<AnswerHeaders>,
): (pages: CallingPages, origin: string | undefined) => CorsHeaders {
  const forNobody: CorsHeaders = { answer: always, preflight: null };
  const forAnybody = readable({ ...always, "access-control-allow-origin": "*" }, {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, DPoP",
  });
  const varying = { ...always, vary: "Origin" };
  const forOthers: CorsHeaders = { answer: varying, preflight: null };
  const byOrigin = new Map(allowed.map((origin) => [
    origin,
    readable({ ...varying, "access-control-allow-origin": origin, "access-control-allow-credentials": "true" }, {
      "access-control-allow-methods": "GET, POST, PATCH, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, X-CSRF-Token, Idempotency-Key, DPoP",
    }),
  ]));
  return (pages, origin) => {
    if (pages === "none") return forNobody;
    if (pages === "any") return forAnybody;
    return origin === undefined ? forOthers : (byOrigin.get(origin) ?? forOthers);
  };
}

function readable(common: AnswerHeaders, mayBeSent: AnswerHeaders): CorsHeaders {
  return { answer: { ...common, ...EXPOSED }, preflight: { ...common, ...mayBeSent, ...PREFLIGHT_SECONDS } };
}
