/** What guides to JWT in Express do: jsonwebtoken with a text, or with a key made once; a denylist in Redis; express-jwt. */
import { createSecretKey } from "node:crypto";
import type { Request, Response } from "express";
import { expressjwt } from "express-jwt";
import jwt from "jsonwebtoken";
import { createClient } from "redis";
import type { Guarding } from "./api.ts";

export function jsonwebtokenGuard(kind: "text" | "key object"): Guarding {
  return async (app, { secret }) => {
    const key = kind === "text" ? secret : createSecretKey(Buffer.from(secret));
    app.use((req, res, next) => {
      const claims = verified(req, res, key);
      if (claims === null) return;
      res.locals["user"] = claims.sub;
      next();
    });
    return (_req, res) => String(res.locals["user"]);
  };
}

export const denylistGuard: Guarding = async (app, { secret, redisUrl }) => {
  const redis = await createClient({ url: redisUrl }).connect();
  app.use(async (req, res, next) => {
    const claims = verified(req, res, secret);
    if (claims === null) return;
    if ((await redis.get(`denylist:${claims.jti}`)) !== null) return void res.sendStatus(401);
    res.locals["user"] = claims.sub;
    next();
  });
  return (_req, res) => String(res.locals["user"]);
};

export const expressJwtGuard: Guarding = async (app, { publicPem }) => {
  app.use(expressjwt({ secret: publicPem, algorithms: ["RS256"] }));
  return (req) => (req as unknown as { auth: { sub: string } }).auth.sub;
};

/** Null if it is refused, and answered. */
function verified(req: Request, res: Response, key: Parameters<typeof jwt.verify>[1]): { sub: string; jti: string } | null {
  try {
    const token = req.headers.authorization?.split(" ")[1] ?? "";
    return jwt.verify(token, key, { algorithms: ["HS256"] }) as unknown as { sub: string; jti: string };
  } catch {
    res.sendStatus(401);
    return null;
  }
}
