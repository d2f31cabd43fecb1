import type { RevocationEntry } from "@ostiary/protocol";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { ClientStore } from "../clients/client-store.ts";
import type { Clock } from "../clock.ts";
import type { RevocationSink } from "../revocation/revocations.ts";
import { endedSignOns } from "./ended-sign-ons.ts";
import type { LogoutTokens } from "./logout-token.ts";
import type { LogoutNotice, SignOnStore } from "./oauth-store.ts";
import type { SendLogoutToken } from "./send-logout-token.ts";

const LOOK_EVERY_MS = 1000;
/** How many clients are being told at once. Those that came by themselves wait for each other, and keep nobody else waiting. */
const AT_ONCE = { others: 16, strangers: 4 } as const;
/** Longer than telling one takes. Who dies over it leaves it to whoever looks after that. */
const LEASE_MS = 30_000;
/** Between one try and the next: it grows threefold from the first to the last. */
const FIRST_PAUSE_MS = 5000;
const LAST_PAUSE_MS = 3 * 3_600_000;
/** Whoever could not be told by then will not be. */
const GIVEN_UP_AFTER_MS = { others: 24 * 3_600_000, strangers: 3_600_000 } as const;
/** A client that has just failed keeps nobody else's notices waiting: it is left alone for so long. */
const LEFT_ALONE_MS = 5000;

type Kind = keyof typeof AT_ONCE;

export interface NotifierDeps {
  readonly signOns: Pick<SignOnStore, "markEnded" | "takeDue" | "settle">;
  readonly clients: Pick<ClientStore, "find">;
  readonly audit: Pick<AuditStore, "append">;
  readonly tokens: LogoutTokens;
  readonly send: SendLogoutToken;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Tells clients of sessions that are over (OIDC Back-Channel Logout 1.0). */
export interface Notifier extends RevocationSink {
  /** Tells whoever is due now. Done once a second by itself, and when the log tells of an end. */
  look(): Promise<void>;
  /** Lets go of what is under way: it is due again. */
  close(): Promise<void>;
}

/**
 * Follows the revocation log, in which every end of a session is, whoever brought it about, and finds out by the sessions
 * themselves who is to be told. That is in the store before anybody is told, and until somebody was: each notice is
 * delivered at least once, by one of the servers on the store. Nobody who signs out waits for any of it.
 */
export function notifyClients({ signOns, clients, audit, tokens, send, clock, onError }: NotifierDeps): Notifier {
  const ended = endedSignOns(signOns, clock);
  const stopping = new AbortController();
  const underWay = { others: new Set<Promise<void>>(), strangers: new Set<Promise<void>>() };
  /** When clients that have just failed are tried again, by their ids. */
  const leftAlone = new Map<string, number>();
  let looking: Promise<void> | null = null;
  let isAskedAgain = false;
  let isFailing = false;
  /** More were due than could be told at once. */
  const isMore = { others: false, strangers: false };

  async function deliver(notice: LogoutNotice): Promise<void> {
    const { clientId } = notice;
    const client = await clients.find(clientId);
    const uri = client?.registration?.backchannelLogoutUri ?? null;
    // Deleted meanwhile, or told by other means.
    if (uri === null) return signOns.settle(notice, null);
    const isStranger = client?.selfRegistered !== undefined;
    const problem = await send(uri, tokens.issue(notice), stopping.signal, isStranger);
    if (problem === null) {
      leftAlone.delete(clientId);
      return signOns.settle(notice, null);
    }
    const now = clock();
    if (stopping.signal.aborted) return signOns.settle(notice, now);
    leftAlone.set(clientId, now + LEFT_ALONE_MS);
    if (now - notice.endedAt < GIVEN_UP_AFTER_MS[isStranger ? "strangers" : "others"]) {
      return signOns.settle(notice, now + pauseAfter(notice.tries));
    }
    const who = { userId: notice.userId, sessionId: notice.signOnId };
    await audit.append(
      auditEvent("logout_undelivered", now, LOCAL_ORIGIN, who, { clientId, tries: notice.tries + 1, why: problem }),
    );
    return signOns.settle(notice, null);
  }

  function start(notice: LogoutNotice, kind: Kind): void {
    // What fails here is the store: the notice is due again when its lease is over.
    const work = deliver(notice).catch(complain).finally(() => {
      underWay[kind].delete(work);
      if (isMore[kind]) void look();
    });
    underWay[kind].add(work);
  }

  function complain(error: unknown): void {
    // An outage is told once, not at every look.
    if (!isFailing && !stopping.signal.aborted) onError(error);
    isFailing = true;
  }

  async function lookOnce(): Promise<void> {
    await ended.mark();
    const now = clock();
    for (const [clientId, until] of leftAlone) if (until <= now) leftAlone.delete(clientId);
    for (const kind of ["others", "strangers"] as const) {
      const free = AT_ONCE[kind] - underWay[kind].size;
      const taken = free > 0 ? await signOns.takeDue(now, LEASE_MS, free, [...leftAlone.keys()], kind) : [];
      isMore[kind] = taken.length === free;
      for (const notice of taken) start(notice, kind);
    }
    isFailing = false;
  }

  async function lookUntilQuiet(): Promise<void> {
    do {
      isAskedAgain = false;
      await lookOnce();
    } while (isAskedAgain && !stopping.signal.aborted);
  }

  function look(): Promise<void> {
    if (stopping.signal.aborted) return Promise.resolve();
    isAskedAgain = true;
    return (looking ??= lookUntilQuiet().catch(complain).finally(() => (looking = null)));
  }

  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  void look();

  return {
    look,
    apply(entry: RevocationEntry) {
      if (ended.add(entry)) void look();
    },
    async close() {
      clearInterval(timer);
      stopping.abort();
      await looking;
      await Promise.all([...underWay.others, ...underWay.strangers]);
    },
  };
}

function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 3 ** Math.min(tries, 20), LAST_PAUSE_MS);
}
