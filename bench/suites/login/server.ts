/**
 * The server under test, a process of its own: `server.ts <port> <folder>`. An Express app with a guarded route and the
 * auth server in one process, as it is embedded. Answers each message by what it has used.
 */
import { join } from "node:path";
import express from "express";
import { authenticate } from "@ostiary/guard/express";
import { createOstiary } from "ostiary";
import { toExpress } from "ostiary/express";
import type { ServerUsage } from "./messages.ts";

const [port = "", folder = ""] = process.argv.slice(2);
const ostiary = await createOstiary({
  issuer: `http://localhost:${port}/auth`,
  databaseUrl: `sqlite:${join(folder, "login.db")}`,
  secret: "a secret of the benchmarks: 0123456789 abcdef",
  // One machine asks for everybody.
  limits: "off",
});
const app = express();
app.get("/guarded", authenticate(ostiary.guard), (_, res) => void res.json({ ok: true }));
app.use("/auth", toExpress(ostiary));
// A storm is to wait for the server, not for the kernel to let it connect.
app.listen({ port: Number(port), backlog: 4096 });

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
process.on("message", () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const usage: ServerUsage = { rss: process.memoryUsage.rss(), peakRss: peak, cpuSeconds: (user + system) / 1e6 };
  peak = 0;
  process.send?.(usage);
});
