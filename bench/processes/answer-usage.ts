/** Preloaded into the servers that are measured (`node --import`): tells what they use, when asked. */
import type { Usage } from "./messages.ts";

process.on("message", () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const usage: Usage = { cpuMicroseconds: user + system, residentBytes: rss, heapBytes: heapUsed };
  process.send?.(usage);
});
// Being asked is no reason to stay.
process.channel?.unref();
