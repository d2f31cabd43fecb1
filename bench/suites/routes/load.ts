/** Asks for the route that it is told: `load.ts <file>`. Every answer has to be the right one. */
import { readFileSync } from "node:fs";
import type { Pool } from "undici";
import { closedLoop } from "../../processes/closed-loop.ts";
import { emailOf, type Material, PASSWORD, type Route, type RouteDrive } from "./messages.ts";

const { issuer, accessTokens, refreshTokens: given, clientId, clientSecret } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Material;
const { origin, pathname } = new URL(issuer);
const refreshTokens = [...given];
const JSON_BODY = { "content-type": "application/json", "user-agent": "ostiary-bench/1.0" };
const FORM_BODY = {
  authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
  "content-type": "application/x-www-form-urlencoded",
};
let next = 0;

process.on("message", (drive: RouteDrive) => {
  void closedLoop(origin, drive, async (pool) => (await asks[drive.route](pool), 0)).then((driven) => process.send?.(driven));
});

const asks: Readonly<Record<Route, (pool: Pool) => Promise<void>>> = {
  async login(pool) {
    const body = JSON.stringify({ email: emailOf(next++ % accessTokens.length), password: PASSWORD, delivery: "body" });
    const { accessToken } = await ask<{ accessToken?: string }>(pool, { path: "/login", method: "POST", headers: JSON_BODY, body });
    if (accessToken === undefined) throw new Error("A login gave no token.");
  },
  async refresh(pool) {
    // Nobody else has it until it comes back.
    const refreshToken = refreshTokens.shift();
    if (refreshToken === undefined) throw new Error("More connections than refresh tokens.");
    const body = JSON.stringify({ refreshToken });
    const answer = await ask<{ refreshToken?: string }>(pool, { path: "/refresh", method: "POST", headers: JSON_BODY, body });
    if (answer.refreshToken === undefined) throw new Error("A refresh gave no token.");
    refreshTokens.push(answer.refreshToken);
  },
  async me(pool) {
    const { user } = await ask<{ user?: object }>(pool, { path: "/me", method: "GET", headers: { authorization: `Bearer ${tokenInTurn()}` } });
    if (user === undefined) throw new Error("There is no user.");
  },
  async introspect(pool) {
    const body = new URLSearchParams({ token: tokenInTurn() }).toString();
    const { active } = await ask<{ active?: boolean }>(pool, { path: "/oauth/introspect", method: "POST", headers: FORM_BODY, body });
    if (active !== true) throw new Error("A token is not active.");
  },
  async jwks(pool) {
    const { keys } = await ask<{ keys?: object[] }>(pool, { path: "/.well-known/jwks.json", method: "GET", headers: {} });
    if (keys?.length === 0) throw new Error("There are no keys.");
  },
};

function tokenInTurn(): string {
  return accessTokens[next++ % accessTokens.length] ?? "";
}

async function ask<Answer>(pool: Pool, request: Parameters<Pool["request"]>[0]): Promise<Answer> {
  const { statusCode, body } = await pool.request({ ...request, path: pathname + request.path });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`${request.path}: ${statusCode} ${JSON.stringify(answer)}`);
  return answer as Answer;
}
