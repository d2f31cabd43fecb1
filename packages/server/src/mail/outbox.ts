import { setTimeout as pause } from "node:timers/promises";
import { auditEvent, LOCAL_ORIGIN } from "../audit/audit-event.ts";
import type { AuditEvent } from "../audit/audit-event.ts";
import type { Clock } from "../clock.ts";
import { inTime } from "../in-time.ts";
import type { Letterhead } from "./compose-mail.ts";
import type { MailStore, QueuedMail } from "./mail-store.ts";
import { SEND_MS } from "./mail-message.ts";
import type { OpenTransport } from "./mail-message.ts";
import type { AddressedMail } from "./address-mail.ts";

const LOOK_EVERY_MS = 1000;
const SOON_MS = 25;
/** How many mails are on their way at once. */
const AT_ONCE = 8;
/** Twice as long as sending one may take. Who dies over it leaves it to whoever looks after that. */
const LEASE_MS = 2 * SEND_MS;
/** Between one try and the next: it grows threefold. A link that is good for ten minutes is tried four times. */
const FIRST_PAUSE_MS = 10_000;
const LAST_PAUSE_MS = 3_600_000;
const CLOSE_MS = 1000;

export interface OutboxDeps {
  readonly store: MailStore;
  readonly transport: OpenTransport;
  readonly letterhead: Letterhead;
  /** To whom it goes, and with what link: null if it is not to be sent (any more). */
  readonly address: (mail: QueuedMail) => Promise<AddressedMail | "too_many" | null>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Empties the outbox. */
export interface Outbox {
  /** Sends what is due. Done once a second by itself. */
  look(): Promise<void>;
  /** The same in a moment: whoever has put something in has been answered by then, and no answer tells what becomes of it. */
  lookSoon(): void;
  /** Waits for what is under way; what is not sent by then is due again later. */
  close(): Promise<void>;
}

/**
 * Each mail is sent at least once, by one of the servers on the store, and nobody whose request it comes from waits for it.
 * One that fails is tried again, after growing pauses, until what it says is worth nothing any more. Its text is made when
 * it is sent, and kept nowhere.
 */
export function createOutbox({ store, transport, letterhead, address, clock, onError }: OutboxDeps): Outbox {
  const underWay = new Map<string, Promise<void>>();
  let looking: Promise<void> | null = null;
  let isClosed = false;
  let isFailing = false;
  let isMore = false;
  let soon: NodeJS.Timeout | null = null;

  async function deliver(mail: QueuedMail, leaseUntil: number): Promise<void> {
    if (clock() >= mail.expiresAt) return giveUp(mail, "too late");
    const addressed = await address(mail);
    if (addressed === null) return store.settle(mail.id, null);
    if (addressed === "too_many") return giveUp(mail, "too many");
    const { token, userId } = addressed;
    const left = leaseUntil - clock();
    if (left <= 0) return;
    // The machine was asleep, or the database slow: another server could have it before it is sent.
    if (left < SEND_MS) return store.retryAt(mail.id, clock());
    try {
      const { composeMail } = await import("./compose-mail.ts");
      await transport.send(composeMail(addressed.mail, letterhead, token, clock()));
    } catch (error) {
      return failed({ ...mail, userId }, error);
    }
    isFailing = false;
    await settleSent(mail.id, auditEvent("mail_sent", clock(), LOCAL_ORIGIN, { userId }, { kind: addressed.mail.kind }));
  }

  /** What has been sent must not be due again only because the database was away for a moment. */
  async function settleSent(id: string, audit: AuditEvent): Promise<void> {
    for (;;) {
      try {
        return await store.settle(id, audit);
      } catch (error) {
        if (isClosed) throw error;
        complain(error);
        await pause(LOOK_EVERY_MS, undefined, { ref: false });
      }
    }
  }

  async function failed(mail: QueuedMail, error: unknown): Promise<void> {
    complain(error);
    if (isForGood(error)) return giveUp(mail, "refused");
    const retryAt = clock() + Math.min(FIRST_PAUSE_MS * 3 ** Math.min(mail.tries, 10), LAST_PAUSE_MS);
    if (retryAt >= mail.expiresAt) return giveUp(mail, "failed");
    await store.retryAt(mail.id, retryAt);
  }

  async function giveUp({ id, kind, userId, tries }: QueuedMail, why: string): Promise<void> {
    await store.settle(id, auditEvent("mail_undelivered", clock(), LOCAL_ORIGIN, { userId }, { kind, why, tries: tries + 1 }));
  }

  function complain(error: unknown): void {
    // An outage is told once, not for every mail.
    if (!isFailing && !isClosed) onError(error);
    isFailing = true;
  }

  function start(mail: QueuedMail, leaseUntil: number): void {
    // What fails here is the store: the mail is due again when its lease is over.
    const work = deliver(mail, leaseUntil).catch(complain).finally(() => {
      underWay.delete(mail.id);
      if (isMore) void look();
    });
    underWay.set(mail.id, work);
  }

  async function lookOnce(): Promise<void> {
    const free = AT_ONCE - underWay.size;
    const now = clock();
    // Those whose lease seems to be over, because the clock was set or the machine was busy: also if they arrive meanwhile.
    const ours = new Set(underWay.keys());
    const taken = free > 0 ? await store.takeDue(now, LEASE_MS, free) : [];
    isMore = taken.length === free;
    for (const mail of taken) if (!ours.has(mail.id)) start(mail, now + LEASE_MS);
  }

  function look(): Promise<void> {
    if (isClosed) return Promise.resolve();
    return (looking ??= lookOnce().catch(complain).finally(() => (looking = null)));
  }

  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  void look();

  return {
    look,
    lookSoon() {
      soon ??= setTimeout(() => {
        soon = null;
        void look();
      }, SOON_MS).unref();
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      clearTimeout(soon ?? undefined);
      await looking;
      // Who hangs is not waited for: their mails are due again when their leases are over.
      await inTime(CLOSE_MS, "A mail", Promise.all(underWay.values())).catch(() => {});
      transport.close();
    },
  };
}

/**
 * What no later try would change: the receiving server knows no such mailbox (RFC 5321 §4.2.1), or nodemailer finds that it
 * can be none. What is about the sender can be another time, whatever its code: a quota, a wrong setting, a block that is
 * lifted.
 */
function isForGood(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { responseCode, code, command } = error as { responseCode?: unknown; code?: unknown; command?: unknown };
  if (code !== "EENVELOPE") return false;
  if (command === "RCPT TO") return Number(responseCode) >= 500 && Number(responseCode) < 600;
  return command === "API" && error.message.startsWith("Invalid recipient");
}
