/** Preloaded into the servers that are measured (`node --import`): tells what they use, when asked, and where time goes. */
import type { Session } from "node:inspector/promises";
import type { AskProfile, AskUsage, Profile, Usage } from "./messages.ts";

process.on("message", (message: AskUsage | AskProfile) => {
  if ("profile" in message) void profile(message).then((answer) => process.send?.(answer));
  else process.send?.(usage(message));
});
// Being asked is no reason to stay.
process.channel?.unref();

function usage({ collectGarbage = false }: AskUsage): Usage {
  const { user, system } = process.cpuUsage();
  // Only for figures of memory: it takes time, and has V8 forget code that it had made fast.
  if (collectGarbage) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpuMicroseconds: user + system, residentBytes: rss, heapBytes: heapUsed };
}

const SAMPLE_EVERY_US = 250;
let session: Session | undefined;

async function profile({ profile: wanted }: AskProfile): Promise<Profile | null> {
  if (wanted === "start") {
    const inspector = await import("node:inspector/promises");
    session = new inspector.Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_US });
    await session.post("Profiler.start");
    return null;
  }
  const stopped = await session?.post("Profiler.stop");
  session?.disconnect();
  return (stopped?.profile ?? null) as Profile | null;
}
