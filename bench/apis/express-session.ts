/** Server-side sessions, as express-session's and connect-redis's documentation set them up. */
import { RedisStore } from "connect-redis";
import type { Request } from "express";
import session from "express-session";
import { createClient } from "redis";
import type { Guarding } from "./api.ts";
import { SESSION_SECRET } from "./settings.ts";

interface Session {
  user?: { readonly id: string; readonly email: string; readonly roles: readonly string[] };
  destroy(done: (error: unknown) => void): void;
}

export function sessionGuard(kept: "memory" | "redis"): Guarding {
  return async (app, { redisUrl }) => {
    const store = kept === "redis" ? new RedisStore({ client: await createClient({ url: redisUrl }).connect() }) : new session.MemoryStore();
    app.use(session({ store, secret: SESSION_SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: 7 * 86_400_000 } }));
    app.post("/login/:id", (req, res) => {
      const { id } = req.params;
      sessionOf(req).user = { id, email: `${id}@example.com`, roles: ["user"] };
      res.sendStatus(204);
    });
    app.post("/logout", (req, res) => sessionOf(req).destroy(() => res.sendStatus(204)));
    app.use((req, res, next) => {
      if (sessionOf(req).user === undefined) return void res.sendStatus(401);
      next();
    });
    return (req) => sessionOf(req).user?.id ?? "";
  };
}

function sessionOf(req: Request): Session {
  return (req as unknown as { session: Session }).session;
}
