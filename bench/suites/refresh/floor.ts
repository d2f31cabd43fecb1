/**
 * The floor: what a refresh cannot be done without. Bare node:http, the same crypto, and a bare compare-and-swap on the
 * same kind of store. It trusts its input, keeps no audit, sees no lost answer and no theft: nothing to run in earnest.
 */
import { createServer } from "node:http";
import type { Jwk } from "@ostiary/jwt";
import { createFloorTokens } from "../../floors/tokens.ts";
import { openSwap } from "../../floors/swap.ts";

export interface FloorOptions {
  readonly url: string;
  readonly port: number;
  readonly issuer: string;
  /** base64url */
  readonly refreshSecret: string;
}

const { url, port, issuer, refreshSecret } = JSON.parse(process.argv[2] ?? "") as FloorOptions;
const tokens = createFloorTokens({ issuer, refreshSecret, accessKey: JSON.parse(process.argv[3] ?? "") as Jwk });
const swap = await openSwap(url);

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    refresh(Buffer.concat(chunks)).then(
      (body) => response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body),
      () => response.writeHead(401).end("{}"),
    );
  });
}).listen(port, "127.0.0.1");

async function refresh(body: Buffer): Promise<string> {
  const { refreshToken } = JSON.parse(body.toString()) as { refreshToken: string };
  const { sid, gen, jti } = tokens.verifyRefreshToken(refreshToken);
  const now = Date.now();
  const row = await swap(sid, gen, now);
  if (row === null || jti !== tokens.identifier(row.secret, gen)) throw new Error("refused");
  return JSON.stringify(tokens.answer({ userId: row.user_id, sessionId: sid, secret: row.secret }, gen + 1, now));
}
