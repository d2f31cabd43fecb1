/** Time that stands still until a test moves it, and everything that is due on the way. */
export interface FakeClock {
  now: number;
  readonly after: (ms: number, run: () => void) => () => void;
  /** Time passes: timers go off when they are due. */
  advance(ms: number): Promise<void>;
  /** The lid is closed: the clock goes on, timers do not. */
  sleep(ms: number): void;
}

/** Lets everything that waits for nothing but other code come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function createFakeClock(): FakeClock {
  interface Timer {
    /** By a clock that stops while the machine sleeps. */
    readonly at: number;
    readonly run: () => void;
  }
  const timers = new Set<Timer>();
  let awake = 0;
  const clock: FakeClock = {
    now: Date.UTC(2026, 10, 23),
    after(ms, run) {
      const timer = { at: awake + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const end = awake + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        clock.now += Math.max(0, next.at - awake);
        awake = Math.max(awake, next.at);
        next.run();
        await settle();
      }
      clock.now += end - awake;
      awake = end;
    },
    sleep(ms) {
      clock.now += ms;
    },
  };
  return clock;
}
