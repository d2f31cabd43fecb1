/** The outbox and a real SMTP server: one that takes mail, and ones that refuse, fail, hang, or are not there. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FROM, linkIn, openMailbox, tokenIn } from "../../test/mailbox.ts";
import { startSmtp } from "../../test/smtp-server.ts";
import type { Received } from "../../test/smtp-server.ts";
import { MINUTE, SECRET, START, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";

const mailBy = (port: number) => ({ limits: "off" as const, mail: { from: FROM, transport: `smtp://127.0.0.1:${port}` } });

async function events(server: TestServer, type: string) {
  return (await server.audit.list({ limit: 1000 })).filter((event) => event.type === type);
}

/** Moves the clock on, and has the outbox looked into, as any mail does. */
async function later(server: TestServer, ms: number): Promise<void> {
  server.time.now += ms;
  await new TestClient(server).call("POST", "/password/forgot", { body: { email: "nobody@example.com" } });
}

const eventually = <Result>(check: () => Result | Promise<Result>) => vi.waitFor(check, { timeout: 20_000, interval: 10 });

/** How many mails have failed once, and wait for their next try. */
function putOff(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare("select count(*) as count from mails where due_at = ?").get(START + 10_000)?.["count"];
  } finally {
    database.close();
  }
}

/** What a mail program shows of a part. */
function decoded(raw: string, type: string): string {
  const part = raw.split(/^--.*$/m).find((one) => one.includes(`Content-Type: ${type}`)) ?? "";
  const [head = "", ...body] = part.split("\r\n\r\n");
  const text = body.join("\r\n\r\n");
  if (/base64/i.test(head)) return Buffer.from(text, "base64").toString();
  const bytes = text.replace(/=\r\n/g, "").replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return /quoted-printable/i.test(head) ? Buffer.from(bytes, "latin1").toString() : text;
}

describe("mail by SMTP", () => {
  it("arrives as text and HTML, from and to nobody else, and says that a machine wrote it", async () => {
    const { received, port } = await startSmtp();
    const server = await startTestServer({ ...mailBy(port), pages: { name: "Möwe & <Söhne>" } });
    const headers = { "accept-language": "ko" };
    await new TestClient(server).call("POST", "/signup", { body: { email: "Ada@example.com", password: "correct horse battery" }, headers });
    await eventually(() => expect(received).toHaveLength(1));
    const [{ from, to, raw }] = received as [Received];
    expect([from, to]).toEqual(["id@example.com", ["Ada@example.com"]]);
    expect(raw).toMatch(/^From: Example <id@example\.com>\r$/m);
    expect(raw).toMatch(/^To: Ada@example\.com\r$/m);
    expect(raw).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(raw).toMatch(/^Message-ID: <[\w-]{43}@localhost>\r$/m);
    const [text, html] = [decoded(raw, "text/plain"), decoded(raw, "text/html")];
    expect(text).toContain("Möwe & <Söhne> 계정이 만들어졌습니다");
    expect(html).toContain("Möwe &amp; &lt;Söhne&gt; 계정이 만들어졌습니다");
    expect(html).not.toMatch(/<(?:img|script|link|form)\b/);
    const token = tokenIn({ text });
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(html).toContain(linkIn({ text }).href.replaceAll("&", "&amp;"));
    await eventually(async () => expect(await events(server, "mail_sent")).toHaveLength(1));
  });

  it("is given up at once where there is no such mailbox, and the audit says so", async () => {
    const noMailbox = Object.assign(new Error("No such mailbox"), { responseCode: 550 });
    const { port, said } = await startSmtp({ onRcptTo: (_address, _session, callback) => callback(noMailbox) });
    const server = await startTestServer(mailBy(port));
    const { user } = await new TestClient(server).signup();
    await eventually(async () => {
      expect(await events(server, "mail_undelivered")).toMatchObject([{ userId: user.id, detail: { kind: "verify_email", why: "refused", tries: 1 } }]);
    });
    expect(said).toHaveLength(1);
  });

  it.each([
    [451, "Try again"],
    // About the sender: it says nothing of the mailbox, and is over some time.
    [550, "5.4.5 Daily sending quota exceeded"],
  ])("is tried again after a failure (%i at MAIL FROM), with the same link, and told to the operator once", async (responseCode, why) => {
    let failures = 2;
    const refused = Object.assign(new Error(why), { responseCode });
    const { received, port } = await startSmtp({
      onMailFrom: (_address, _session, callback) => callback(failures-- > 0 ? refused : null),
    });
    const server = await startTestServer(mailBy(port));
    await new TestClient(server).signup();
    await eventually(() => expect(failures).toBeLessThan(2));
    await eventually(async () => {
      if (received.length === 0) await later(server, 10_000);
      // At least once: on a slow machine the lease of one that is on its way ends before it has arrived.
      expect(received).not.toHaveLength(0);
    });
    expect(server.reported).toHaveLength(1);
    const token = tokenIn({ text: decoded(received[0]?.raw ?? "", "text/plain") });
    expect((await new TestClient(server).call("POST", "/email/verify", { body: { token } })).status).toBe(204);
  });
});

describe("how long a link is good still", () => {
  it.each([
    [0, "10 minutes", "24 hours"],
    [2 * MINUTE, "8 minutes", "23 hours"],
    [2 * MINUTE + 1, "7 minutes", "23 hours"],
    [9 * MINUTE, "60 seconds", "23 hours"],
  ])("after %i ms it says %s, and %s", async (ms, reset, verify) => {
    const mailbox = openMailbox();
    let isUp = false;
    const transport = (mail: Parameters<typeof mailbox.send>[0]) => {
      if (!isUp) throw new Error("Down");
      mailbox.send(mail);
    };
    const file = temporaryFile();
    const server = await startTestServer({ mail: { from: FROM, transport }, databaseUrl: `sqlite:${file}` });
    isUp = ms === 0;
    const client = new TestClient(server);
    const { user } = await client.signup();
    await client.call("POST", "/password/forgot", { body: { email: user.email } });
    if (!isUp) await eventually(() => expect(putOff(file)).toBe(2));
    isUp = true;
    server.time.now += ms;
    expect((await mailbox.about("Reset your")).text).toContain(`The link works once, for ${reset},`);
    expect((await mailbox.about("Confirm your e-mail")).text).toContain(`The link works for ${verify}.`);
  });
});

describe("what a transport of nodemailer throws", () => {
  it.each([
    ["Invalid recipient \"x\"", { command: "API" }, "given up"],
    ["Invalid sender \"x\"", { command: "API" }, "tried again"],
    ["Data command failed", { command: "DATA", responseCode: 554 }, "tried again"],
    ["Mail command failed", { command: "MAIL FROM", responseCode: 550 }, "tried again"],
    ["Recipient command failed", { command: "RCPT TO", responseCode: 450 }, "tried again"],
    ["Recipient command failed", { command: "RCPT TO", responseCode: 550 }, "given up"],
  ])("%s %o: it is %s", async (message, more, then) => {
    const mailbox = openMailbox();
    let isFirst = true;
    const transport = (mail: Parameters<typeof mailbox.send>[0]) => {
      if (!isFirst) return mailbox.send(mail);
      isFirst = false;
      throw Object.assign(new Error(message), { code: "EENVELOPE", ...more });
    };
    const server = await startTestServer({ mail: { from: FROM, transport } });
    await new TestClient(server).signup();
    await eventually(async () => {
      if (then === "tried again" && !isFirst) await later(server, 10_000);
      const undelivered = await events(server, "mail_undelivered");
      expect([mailbox.messages.length, undelivered.length]).toEqual(then === "given up" ? [0, 1] : [1, 0]);
    });
  });
});

describe("without a mail server that works", () => {
  it("no request waits or fails, and a link is not sent any more once it is worthless", async () => {
    const server = await startTestServer(mailBy(1));
    const client = new TestClient(server);
    const { user } = await client.signup();
    expect((await client.call("POST", "/password/forgot", { body: { email: user.email } })).status).toBe(202);
    await eventually(() => expect(server.reported).toHaveLength(1));
    await eventually(async () => {
      await later(server, MINUTE);
      expect(await events(server, "mail_undelivered")).toMatchObject([{ detail: { kind: "reset_password" } }]);
    });
    expect(server.reported).toHaveLength(1);
  });

  it("a server that hangs holds up neither requests nor the end, and its mail goes by another replica", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.on("error", () => {})));
    await once(silent.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const first = await startTestServer({ ...mailBy((silent.address() as AddressInfo).port), databaseUrl });
    await new TestClient(first).signup();
    await eventually(() => expect(sockets).toHaveLength(1));
    await first.close();
    const mailbox = openMailbox();
    const second = await startTestServer({ databaseUrl, mail: { from: FROM, transport: mailbox.send } });
    // Until its lease is over it may still be on its way.
    second.time.now = START + 2 * MINUTE;
    await mailbox.arrived(1);
    expect(mailbox.messages).toHaveLength(1);
  });

  it("nothing is said to a server without TLS that is not this machine itself, nor to one whose certificate is nobody's", async () => {
    const plain = await startSmtp();
    const selfSigned = await startSmtp({ disabledCommands: [] });
    for (const url of [`smtp://ada:secret@0.0.0.0:${plain.port}`, `smtp://ada:secret@0.0.0.0:${selfSigned.port}`, `smtp://127.0.0.1:${selfSigned.port}`]) {
      const server = await startTestServer({ mail: { from: FROM, transport: url } });
      await new TestClient(server).signup();
      await eventually(() => expect(server.reported).toHaveLength(1));
      expect(String(server.reported[0])).not.toContain(SECRET);
    }
    expect([...plain.said, ...selfSigned.said, ...plain.received, ...selfSigned.received]).toEqual([]);
  });
});
