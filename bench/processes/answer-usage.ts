/** Preloaded into the servers that are measured (`node --import`): tells what they use, when asked. */
import type { AskUsage, Usage } from "./messages.ts";

process.on("message", ({ collectGarbage = false }: AskUsage) => {
  const { user, system } = process.cpuUsage();
  // Only for figures of memory: it takes time, and has V8 forget code that it had made fast.
  if (collectGarbage) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const usage: Usage = { cpuMicroseconds: user + system, residentBytes: rss, heapBytes: heapUsed };
  process.send?.(usage);
});
// Being asked is no reason to stay.
process.channel?.unref();
