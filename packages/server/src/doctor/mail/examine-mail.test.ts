import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { FROM } from "../../../test/mailbox.ts";
import { startSmtp } from "../../../test/smtp-server.ts";
import { wrong } from "../../../test/wrong-findings.ts";
import { resolveSettings } from "../../config.ts";
import type { MailTransport } from "../../mail/mail-message.ts";
import { examineMail } from "./examine-mail.ts";

const examined = (transport: string | MailTransport, patienceMs?: number) =>
  examineMail(resolveSettings({ inCode: { mail: { from: FROM, transport } }, environment: {} }), patienceMs);

it("says that no mail is sent, and that a way of one's own was not tried", async () => {
  expect((await examineMail(resolveSettings({ environment: {} }))).map(({ id, level }) => [id, level])).toEqual([
    ["mail.configured", "ok"],
  ]);
  const own = await examined({ sendMail: () => Promise.reject(new Error("It is not to be called.")) });
  expect(wrong(own)).toEqual([]);
  expect(own[0]?.message).toContain("id@example.com");
});

it("signs in to the server, and sends nothing", async () => {
  const { port, said, received } = await startSmtp();
  const found = await examined(`smtp://ada:hunter2@127.0.0.1:${port}`);
  expect(wrong(found)).toEqual([]);
  expect([said, received]).toEqual([["ada"], []]);
  expect(JSON.stringify(found)).not.toMatch(/hunter2|ada/);
});

it("tells who is not let in, who is not there, and who has no TLS, without what nobody is to read", async () => {
  const refusing = await startSmtp({
    onAuth: ({ username = "" }, _, callback) => callback(new Error(`${username} is not known here`)),
  });
  const plain = await startSmtp();
  for (const [url, said] of [
    [`smtp://ada:hunter2@127.0.0.1:${refusing.port}`, "refuses the user name or the password"],
    ["smtp://ada:hunter2@127.0.0.1:1", "cannot be talked to (ESOCKET)"],
    [`smtp://ada:hunter2@0.0.0.0:${plain.port}`, "offers no TLS that can be trusted"],
  ] as const) {
    const found = await examined(url);
    expect(wrong(found)).toEqual(["error mail.server"]);
    expect(found[1]?.message).toContain(said);
    expect(JSON.stringify(found)).not.toMatch(/hunter2|ada/);
  }
  expect(plain.said).toEqual([]);
});

it("waits no longer than it says for a server that says nothing", async () => {
  const silent = createServer((socket) => void socket.on("error", () => {}));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void silent.close());
  const found = await examined(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`, 100);
  expect(found[1]?.message).toContain("says nothing within 0.1 s");
});
