import { z } from "zod";
import { jsonAnswer } from "../../operation.ts";
import type { Route } from "../../route.ts";

/** How long guards may go without looking again, in seconds. A key is published at least this long before its use. */
const MAX_AGE_SECONDS = 300;

export const getJwksRoute: Route = {
  method: "get",
  path: "/.well-known/jwks.json",
  operation: {
    summary: "The keys that access tokens verify with (RFC 7517 §5)",
    responses: { 200: jsonAnswer("A JWK set.", z.object({ keys: z.array(z.looseObject({})) })) },
  },
  handle(c, { keyring }) {
    c.header("Cache-Control", `public, max-age=${MAX_AGE_SECONDS}`);
    return c.json(keyring.jwks());
  },
};
