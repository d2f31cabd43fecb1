/** What is on its way is so once, whatever becomes of clocks, of the database, and of mail servers that take their time. */
import { createSecretKey } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { startSmtp } from "../../test/smtp-server.ts";
import { SECOND, START } from "../../test/test-server.ts";
import { systemRandom } from "../random.ts";
import { event } from "../stores/conformance/fixtures.ts";
import { openSqlite } from "../stores/sqlite/open-sqlite.ts";
import { createMailDesk } from "./mail-desk.ts";
import type { MailMessage } from "./mail-message.ts";
import type { MailStore } from "./mail-store.ts";
import { createOutbox } from "./outbox.ts";
import type { OutboxDeps } from "./outbox.ts";
import { openSmtp } from "./smtp-transport.ts";

const FROM = { name: "", address: "id@example.com" };
const TO = "ada@example.com";

/** An outbox on a real store, with one mail in it. */
async function withMail(change: (store: MailStore, time: { now: number }) => Partial<OutboxDeps> = () => ({})) {
  const store = await openSqlite(":memory:");
  const time = { now: START };
  const clock = (): number => time.now;
  const desk = createMailDesk({ key: () => createSecretKey(Buffer.alloc(32)), clock, random: systemRandom });
  const draft = desk.draft({ kind: "factor_removed", userId: null, to: TO });
  await store.audit.append({ ...event("second_factor_removed"), mail: draft });
  const sent: MailMessage[] = [];
  const deps: OutboxDeps = {
    store: store.mail,
    transport: { send: (message) => Promise.resolve(void sent.push(message)), close: () => {} },
    letterhead: { issuer: "http://localhost:4000/auth", from: FROM, service: "Example", language: "en" },
    address: (mail) => Promise.resolve({ mail, userId: null, token: null }),
    clock,
    onError: () => {},
    ...change(store.mail, time),
  };
  const outbox = createOutbox(deps);
  onTestFinished(async () => {
    await outbox.close();
    await store.close();
  });
  const told = async () => (await store.audit.list({ types: ["mail_sent"] })).length;
  return { store, time, sent, outbox, told };
}

it("by one server once, also where its lease seems to be over while it is being sent", async () => {
  const arrived = Promise.withResolvers<void>();
  let sendings = 0;
  const send = (): Promise<void> => (sendings++, arrived.promise);
  const { time, outbox, told } = await withMail(() => ({ transport: { send, close: () => {} } }));
  await vi.waitFor(() => expect(sendings).toBe(1));
  for (let i = 0; i < 3; i++) {
    time.now += 100 * SECOND;
    await outbox.look();
  }
  arrived.resolve();
  await vi.waitFor(async () => expect(await told()).toBe(1));
  time.now += 100 * SECOND;
  await outbox.look();
  expect([sendings, await told()]).toEqual([1, 1]);
});

it("is not begun to be sent when the time left is not enough for it: somebody else may have it by then", async () => {
  let isFirst = true;
  const { sent, told } = await withMail((_, time) => ({
    async address(mail) {
      // The machine was asleep, or the database slow.
      if (isFirst) time.now += 60 * SECOND;
      if (!isFirst) expect(mail.tries).toBe(1);
      isFirst = false;
      return Promise.resolve({ mail, userId: null, token: null });
    },
  }));
  await vi.waitFor(() => expect(isFirst).toBe(false));
  expect(sent).toEqual([]);
  await vi.waitFor(async () => expect(await told()).toBe(1), { timeout: 5000 });
  expect(sent).toHaveLength(1);
});

it("is settled when the database is there again, where it failed just after the mail was sent", async () => {
  let failures = 2;
  const { sent, told, time, outbox } = await withMail((store) => ({
    store: {
      ...store,
      settle: (...asked) => (failures-- > 0 ? Promise.reject(new Error("The database is away.")) : store.settle(...asked)),
    },
  }));
  await vi.waitFor(async () => expect(await told()).toBe(1), { timeout: 5000 });
  time.now += 100 * SECOND;
  await outbox.look();
  expect(sent).toHaveLength(1);
});

it("an SMTP server that took too long is left, and gets nothing more of a mail that is sent anew", async () => {
  const isLeft = Promise.withResolvers<void>();
  const { received, port } = await startSmtp({
    onMailFrom: (_address, _session, callback) => void pause(300).then(() => callback()),
    onClose: () => isLeft.resolve(),
  });
  const transport = openSmtp(`smtp://127.0.0.1:${port}`, 100);
  onTestFinished(() => transport.close());
  const parts = { subject: "x", text: "x", html: "x", messageId: "<x@localhost>", headers: {} };
  const message = { from: FROM, to: { name: "", address: TO }, ...parts };
  await expect(transport.send(message)).rejects.toThrow("did not answer within 100 ms");
  await isLeft.promise;
  expect(received).toEqual([]);
});
