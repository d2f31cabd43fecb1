/** better-auth with a SQLite file, which its documentation begins with, and `getSession` in front of the route. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import type { Guarding } from "./api.ts";
import { SESSION_SECRET } from "./settings.ts";

/** With the cookie cache, a sign-out is not seen for as long as it lasts, five minutes. */
export function betterAuthGuard({ cookieCache }: { cookieCache: boolean }): Guarding {
  return async (app, { kind, port, folder }) => {
    const auth = betterAuth({
      baseURL: `http://127.0.0.1:${port}`,
      secret: SESSION_SECRET,
      database: new DatabaseSync(join(folder, `${kind}.db`)),
      emailAndPassword: { enabled: true },
      // One machine asks for everybody.
      rateLimit: { enabled: false },
      logger: { disabled: true },
      ...(cookieCache ? { session: { cookieCache: { enabled: true, maxAge: 3600 } } } : {}),
    });
    await (await getMigrations(auth.options)).runMigrations();
    app.all("/api/auth/{*any}", toNodeHandler(auth));
    app.use(async (req, res, next) => {
      const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
      if (session === null) return void res.sendStatus(401);
      res.locals["user"] = session.user.id;
      next();
    });
    return (_req, res) => String(res.locals["user"]);
  };
}
