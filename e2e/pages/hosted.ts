/** An auth server with its pages, in this process: its clock and its looks are the caller's. */
import { createServer } from "node:http";
import express from "express";
import { createOstiary } from "ostiary";
import type { Ostiary, OstiaryConfig } from "ostiary";
import { toExpress } from "ostiary/express";
import { close, listen } from "../client/front.ts";

export interface Hosted {
  readonly ostiary: Ostiary;
  readonly origin: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly time: { now: number };
  close(): Promise<void>;
}

/** `config` may depend on where it is. */
export async function startHosted(
  config: OstiaryConfig | ((issuer: string) => OstiaryConfig | Promise<OstiaryConfig>) = {},
  now = Date.now(),
): Promise<Hosted> {
  const app = express();
  const server = createServer(app);
  const origin = await listen(server);
  const issuer = `${origin}/auth`;
  const time = { now };
  const ostiary = await createOstiary({
    issuer,
    databaseUrl: "sqlite::memory:",
    secret: "a secret of the tests, long enough: 0123456789",
    limits: "off",
    clock: () => time.now,
    onError() {},
    ...(typeof config === "function" ? await config(issuer) : config),
  });
  app.use(ostiary.wellKnown);
  app.use("/auth", toExpress(ostiary));
  return {
    ostiary,
    origin,
    issuer,
    time,
    async close() {
      await ostiary.close();
      await close(server);
    },
  };
}
