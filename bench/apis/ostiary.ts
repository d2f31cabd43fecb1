/** Our guard, as docs/guard.md sets it up. */
import { createGuard } from "@ostiary/guard";
import { authenticate } from "@ostiary/guard/express";
import { importSecret } from "@ostiary/jwt";
import type { Guarding } from "./api.ts";
import { REMEMBERED } from "./settings.ts";

export function ostiaryGuard({ secret: hasSecret = false, remembering = false, feed = true }): Guarding {
  return async (app, { issuer, clientId, clientSecret, secret }) => {
    const guard = createGuard({
      issuer,
      audience: issuer,
      ...(feed ? { revocation: { clientId, clientSecret } } : { onWarning: () => {} }),
      ...(hasSecret ? { keys: importSecret(Buffer.from(secret), { algorithm: "HS256" }) } : {}),
      ...(remembering ? { maxCachedTokens: REMEMBERED } : {}),
    });
    await guard.ready();
    app.use(authenticate(guard));
    return (req) => req.auth?.subject ?? "";
  };
}
