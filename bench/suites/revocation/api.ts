/**
 * An Express API in a process of its own, to be asked as often as it can answer: `api.ts <how> <port>`, and what else that
 * takes in the environment. `open` has no guard; `denylist` is what the guides tell people to do.
 */
import express, { type RequestHandler } from "express";
import jwt from "jsonwebtoken";
import { createPublicKey, type JsonWebKey } from "node:crypto";
import { createClient } from "redis";
import { createGuard } from "@ostiary/guard";
import { authenticate } from "@ostiary/guard/express";

const [how = "", port = ""] = process.argv.slice(2);
const { ISSUER: issuer = "", CLIENT_ID: clientId = "", CLIENT_SECRET: clientSecret = "", REDIS_URL = "" } = process.env;

const handlers: Record<string, () => Promise<RequestHandler[]>> = {
  open: async () => [],
  async "no-feed"() {
    const guard = createGuard({ issuer, audience: issuer, onWarning: () => {} });
    await guard.ready();
    return [authenticate(guard)];
  },
  async feed() {
    const guard = createGuard({ issuer, audience: issuer, revocation: { clientId, clientSecret } });
    await guard.ready();
    return [authenticate(guard)];
  },
  async denylist() {
    const redis = createClient({ url: REDIS_URL });
    await redis.connect();
    const response = await fetch(`${issuer}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: JsonWebKey[] };
    const key = createPublicKey({ key: keys[0]!, format: "jwk" });
    return [
      async (req, res, next) => {
        try {
          const token = (req.headers.authorization ?? "").split(" ")[1] ?? "";
          const claims = jwt.verify(token, key, { algorithms: ["ES256"], issuer, audience: issuer }) as jwt.JwtPayload;
          if ((await redis.get(`denylist:${claims.jti}`)) !== null) return void res.sendStatus(401);
          next();
        } catch {
          res.sendStatus(401);
        }
      },
    ];
  },
};

const app = express();
app.get("/", ...(await handlers[how]!()), (_req, res) => void res.json({ hello: "world" }));
app.listen(Number(port), "127.0.0.1");
