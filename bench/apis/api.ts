/**
 * An Express API in a process of its own, to be asked as often as it can answer: `api.ts <settings>`. What guards it is the
 * only difference between the kinds; each answers with who asked.
 */
import express from "express";
import { betterAuthGuard } from "./better-auth.ts";
import { ostiaryGuard } from "./ostiary.ts";
import { denylistGuard, expressJwtGuard, jsonwebtokenGuard } from "./jsonwebtoken.ts";
import { sessionGuard } from "./express-session.ts";
import type { ApiKind, ApiSettings } from "./settings.ts";

/** Puts what it needs in front of the route, and says who asks. */
export type Guarding = (app: express.Express, settings: ApiSettings) => Promise<(req: express.Request, res: express.Response) => string>;

const guards: Readonly<Record<ApiKind, Guarding>> = {
  open: async () => () => "01a2b3c4-0000-7000-8000-000000000000",
  ostiary: ostiaryGuard({}),
  "ostiary-hs256": ostiaryGuard({ secret: true }),
  "ostiary-remembering": ostiaryGuard({ remembering: true }),
  "ostiary-no-feed": ostiaryGuard({ feed: false }),
  jsonwebtoken: jsonwebtokenGuard("text"),
  "jsonwebtoken-key-object": jsonwebtokenGuard("key object"),
  "jsonwebtoken-denylist": denylistGuard,
  "express-jwt": expressJwtGuard,
  "express-session": sessionGuard("memory"),
  "express-session-redis": sessionGuard("redis"),
  "better-auth": betterAuthGuard({ cookieCache: false }),
  "better-auth-cookie-cache": betterAuthGuard({ cookieCache: true }),
};

const settings = JSON.parse(process.argv[2] ?? "") as ApiSettings;
const app = express();
app.get("/health", (_req, res) => void res.json({ ok: true }));
const userOf = await guards[settings.kind](app, settings);
app.get("/orders", (req, res) => void res.json({ user: userOf(req, res), orders: [] }));
// Express prints each error that a middleware passes on; express-jwt refuses by one.
app.use(((error: { status?: number }, _req, res, _next) => void res.sendStatus(error.status ?? 500)) satisfies express.ErrorRequestHandler);
app.listen(settings.port, "127.0.0.1");
