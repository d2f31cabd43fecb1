/**
 * Work that never runs twice at once. Calls that come while it runs share the next run: each is answered by one that
 * began after the call.
 */
export function oneAfterTheOther(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function run(): Promise<void> {
    next = null;
    const now = work().finally(() => {
      // Whoever waits begins in a moment: until then nobody else may.
      if (next === null) running = null;
    });
    running = now;
    return now;
  }

  return () => {
    if (running === null) return run();
    next ??= running.then(run, run);
    return next;
  };
}
