import { z } from "zod";
import { jsonAnswer } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const getJwksRoute: Route = {
  method: "get",
  path: "/.well-known/jwks.json",
  cors: "any",
  operation: {
    summary: "The keys that access tokens verify with (RFC 7517 §5)",
    responses: {
      200: jsonAnswer("A JWK set. With `Cache-Control` and `ETag`.", z.object({ keys: z.array(z.looseObject({})) })),
      304: { description: "The set is the one that `If-None-Match` names." },
    },
  },
  handle(c, { keyring }) {
    const { text, etag } = keyring.jwks;
    c.header("Cache-Control", `public, max-age=${keyring.jwksMaxAgeSeconds}`);
    c.header("ETag", etag);
    if (isAmong(etag, c.req.header("If-None-Match"))) return c.body(null, 304);
    c.header("Content-Type", "application/json");
    return c.body(text);
  },
};

/** Weak marks are as good here (RFC 9110 §13.1.2). */
function isAmong(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch?.trim() === "*") return true;
  return ifNoneMatch?.split(",").some((one) => one.trim().replace(/^W\//, "") === etag) ?? false;
}
