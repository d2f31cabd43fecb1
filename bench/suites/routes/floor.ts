/**
 * The floor of the auth server's routes: Hono, bare `node:crypto`, and the statements that cannot be left out, on SQLite. It
 * trusts its input, has no limits, keeps no audit and no devices, sees no theft: nothing to run in earnest.
 */
import { createPublicKey, hash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { verify as verifyPassword } from "@node-rs/argon2";
import { Hono } from "hono";
import { openSwap } from "../../floors/swap.ts";
import { type AccessClaims, createFloorTokens } from "../../floors/tokens.ts";
import type { FloorOptions } from "./messages.ts";

const { port, issuer, file, accessKey, refreshSecret, clientId, clientSecret } = JSON.parse(process.argv[2] ?? "") as FloorOptions;
const tokens = createFloorTokens({ issuer, refreshSecret, accessKey });
const database = new DatabaseSync(file);
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
const swap = await openSwap(`sqlite:${file}`);
const userByEmail = database.prepare("select id, password_hash from floor_users where email = ?");
const userById = database.prepare("select id, email, name from floor_users where id = ?");
const sessionById = database.prepare("select user_id from floor_sessions where id = ?");
const insertSession = database.prepare("insert into floor_sessions (id, user_id, secret, generation, rotated_at) values (?, ?, ?, 0, ?)");
const secretHash = hash("sha256", clientSecret, "buffer");
const jwks = { keys: [{ ...createPublicKey({ key: accessKey, format: "jwk" }).export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "floor" }] };

/** As the server's guard does: a signature is verified once. */
const verified = new Map<string, AccessClaims>();

const app = new Hono()
  .post("/login", async (context) => {
    const { email, password } = await context.req.json<{ email: string; password: string }>();
    const user = userByEmail.get(email) as { id: string; password_hash: string } | undefined;
    if (user === undefined || !(await verifyPassword(user.password_hash, password))) return context.json({}, 401);
    const now = Date.now();
    const session = { userId: user.id, sessionId: randomUUID(), secret: randomBytes(32) };
    insertSession.run(session.sessionId, user.id, session.secret, now);
    return context.json({ ...tokens.answer(session, 0, now), user: userById.get(user.id) });
  })
  .post("/refresh", async (context) => {
    const { refreshToken } = await context.req.json<{ refreshToken: string }>();
    const { sid, gen, jti } = tokens.verifyRefreshToken(refreshToken);
    const now = Date.now();
    const row = await swap(sid, gen, now);
    if (row === null || jti !== tokens.identifier(row.secret, gen)) return context.json({}, 401);
    return context.json(tokens.answer({ userId: row.user_id, sessionId: sid, secret: row.secret }, gen + 1, now));
  })
  .get("/me", (context) => {
    const { sub } = claimsOf(context.req.header("authorization")?.slice("Bearer ".length) ?? "");
    return context.json({ user: userById.get(sub) });
  })
  .post("/oauth/introspect", async (context) => {
    const [id, secret = ""] = Buffer.from(context.req.header("authorization")?.slice("Basic ".length) ?? "", "base64").toString().split(":");
    if (id !== clientId || !timingSafeEqual(hash("sha256", secret, "buffer"), secretHash)) return context.json({}, 401);
    const claims = claimsOf(new URLSearchParams(await context.req.text()).get("token") ?? "");
    return context.json({ active: sessionById.get(claims.sid) !== undefined, ...claims });
  })
  .get("/.well-known/jwks.json", (context) => context.json(jwks));

function claimsOf(token: string): AccessClaims {
  const known = verified.get(token);
  if (known !== undefined && known.exp * 1000 > Date.now()) return known;
  const claims = tokens.verifyAccessToken(token);
  verified.set(token, claims);
  return claims;
}

serve({ fetch: new Hono().route("/auth", app).fetch, port, hostname: "127.0.0.1" });
