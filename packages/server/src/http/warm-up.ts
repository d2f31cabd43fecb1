import { setImmediate as turn } from "node:timers/promises";

/** What nearly every server is asked for soon: signing in, refreshing, asking who one is. */
const SOON: readonly (() => Promise<unknown>)[] = [
  () => import("./routes/create-session/route.ts"),
  () => import("./routes/refresh-session/route.ts"),
  () => import("./routes/get-me/route.ts"),
  () => import("rate-limiter-flexible"),
];

/** Loads it, with turns for others in between. What cannot be loaded is told to whoever asks for it. */
export async function warmUp(signal: AbortSignal): Promise<void> {
  for (const load of SOON) {
    await turn();
    if (signal.aborted) return;
    await load().catch(() => {});
  }
}
