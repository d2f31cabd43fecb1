import { setTimeout as pause } from "node:timers/promises";
import type { Violation } from "../history/evidence.ts";
import type { Held } from "../recorded-client.ts";
import type { Trial } from "../trial.ts";
import type { Verdict, WatchedApi } from "./watched-api.ts";

/** How soon every API refuses, while nothing stands between it and its server. */
const PROMISED_MS = 1000;
const RETRY_MS = 50;
/** How many of those who have signed out are tried at each API once its feed is whole again. */
const TRIED_AFTER_MENDING = 300;

export interface SignOuts {
  /** How many have been signed out, and been told so. */
  readonly count: number;
  /** Something is about to stand between the APIs and their servers for so many seconds. */
  broken(seconds: number): void;
  /** All APIs know what was so at `moment`: each must refuse whoever had signed out by then, and serve the others. */
  wellAgain(moment: number): Promise<void>;
  stop(): Promise<{ violations: Violation[]; accepted: number; slowestMs: number }>;
}

interface Gone {
  readonly held: Held;
  /** When the sign-out had been answered. */
  readonly at: number;
}

/**
 * Signs out one after the other, so many a second while a feed is broken and for a second after it has been mended, and asks the
 * APIs all the time, as those who are gone and as those who stay.
 */
export function startSignOuts(options: {
  readonly trial: Trial;
  readonly apis: readonly WatchedApi[];
  readonly perSecond: number;
  /** Between two rounds of questions to an API: what a fault needs to show is time, not as many questions as fit into it. */
  readonly restMs: number;
  readonly maxStalenessSeconds: number;
  readonly signingOut: readonly Held[];
  readonly staying: readonly Held[];
}): SignOuts {
  const { trial, apis, perSecond, restMs, signingOut, staying } = options;
  const longestMs = options.maxStalenessSeconds * 1000;
  const messenger = trial.newClient("messenger");
  const gone: Gone[] = [];
  const violations: Violation[] = [];
  let wholeSince = Infinity;
  let accepted = 0;
  let slowestMs = 0;
  /** On a slow machine everything else takes longer: no phase may use up what the next one needs. */
  let allowed = 0;
  const over = new AbortController();

  async function signOutAll(): Promise<void> {
    const signedOut: Promise<void>[] = [];
    while (!over.signal.aborted) {
      const held = signedOut.length < allowed ? signingOut[signedOut.length] : undefined;
      if (held !== undefined) signedOut.push(signOut(held));
      await pause(1000 / perSecond);
    }
    await Promise.all(signedOut);
  }

  async function signOut(held: Held): Promise<void> {
    for (;;) {
      const { outcome, end } = await messenger.logout(held);
      // What was cut off may have been carried out: then the second try is refused.
      if (outcome !== "unknown") return void gone.push({ held, at: end });
      await pause(RETRY_MS);
    }
  }

  async function watch(api: WatchedApi): Promise<void> {
    for (let turn = 0; !over.signal.aborted; turn++) {
      const recent = gone.filter(({ at }) => Date.now() - at < longestMs + 1000);
      const one = recent[turn % Math.max(recent.length, 1)];
      const newest = gone.at(-1);
      for (const asking of new Set([one, newest])) {
        if (asking !== undefined) judgeGone(api, asking, await api.ask(asking.held.accessToken));
      }
      await serve(api, staying[turn % staying.length]!);
      await pause(restMs);
    }
  }

  function judgeGone(api: WatchedApi, { held, at }: Gone, { askedAt, status, reason }: Verdict): void {
    const lateMs = askedAt - at;
    const promised = at >= wholeSince ? PROMISED_MS : longestMs;
    if (status === 200) {
      accepted++;
      if (at >= wholeSince) slowestMs = Math.max(slowestMs, lateMs);
      if (lateMs > promised) report("I2", `${api.name} accepted ${held.session} ${lateMs} ms after its sign-out`);
    } else if (!isRefusal(status, reason) && status !== 503) {
      report("I7", `${api.name} said ${status} ${reason} of a session that had signed out`);
    }
  }

  async function serve(api: WatchedApi, { accessToken, session }: Held): Promise<void> {
    const whole = wholeSince;
    const { askedAt, status, reason } = await api.ask(accessToken);
    const mayNotKnow = askedAt < whole || whole !== wholeSince;
    if (status === 200 || (mayNotKnow && status === 503)) return;
    report("I1", `${api.name} refused ${session}, which nobody had signed out: ${status} ${reason}`);
  }

  function report(invariant: Violation["invariant"], what: string): void {
    violations.push({ invariant, what });
  }

  async function tryAll(tried: readonly Gone[]): Promise<void> {
    await Promise.all(
      apis.map(async (api) => {
        for (const { held } of tried) {
          const { status, reason } = await api.ask(held.accessToken);
          if (!isRefusal(status, reason)) {
            report("I2", `${api.name} has missed the sign-out of ${held.session}: ${status} ${reason}`);
          }
        }
        for (const held of staying) await serve(api, held);
      }),
    );
  }

  const work = [signOutAll(), ...apis.map(watch)];
  return {
    get count() {
      return gone.length;
    },
    broken(seconds) {
      wholeSince = Infinity;
      allowed += Math.ceil(seconds * perSecond);
    },
    async wellAgain(moment) {
      wholeSince = Date.now();
      allowed += perSecond;
      await tryAll(gone.filter(({ at }) => at <= moment).slice(-TRIED_AFTER_MENDING));
    },
    async stop() {
      over.abort();
      await Promise.all(work);
      await pause(PROMISED_MS);
      await tryAll(gone);
      return { violations, accepted, slowestMs };
    },
  };
}

function isRefusal(status: number, reason: string | undefined): boolean {
  return status === 401 && reason === "session_revoked";
}
