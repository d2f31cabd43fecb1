/**
 * One tab at a time changes the session's cookies. Where that cannot be had, the server's grace makes a race harmless:
 * the lock spares requests, it is not what keeps a session alive. So nobody waits for it for long.
 */
import type { Environment } from "./environment.ts";

/** A tab that holds the lock for longer is frozen, or so slow that it is quicker to ask as well. */
const PATIENCE_MS = 3000;
/** On top, by chance, so that of many waiting tabs one is first. */
const SPREAD_MS = 1000;

export interface TabLock {
  /** Does `work` when no other tab is at it, or when the other one takes too long. Work that has begun is finished. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createTabLock({ page, after, random }: Environment, name: string): TabLock {
  const locks = page?.locks ?? null;
  if (locks === null) return { run: inTurn() };

  return {
    async run<T>(work: () => Promise<T>): Promise<T> {
      const begun: { work?: Promise<T> } = {};
      const begin = (): Promise<T> => (begun.work = work());
      const waiting = new AbortController();
      const stopWaiting = after(PATIENCE_MS + random() * SPREAD_MS, () => waiting.abort());
      const turn = locks.request(name, { signal: waiting.signal }, () => {
        stopWaiting();
        return begin();
      });
      await turn.catch(async () => {
        stopWaiting();
        // Either it never began; or the work failed, or another tab took the lock from it: then it goes on all the same.
        if (begun.work === undefined && waiting.signal.aborted) {
          await locks.request(name, { steal: true }, begin).catch(() => {});
        }
      });
      return begun.work ?? begin();
    },
  };
}

/** Within this tab only. */
function inTurn(): TabLock["run"] {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}
