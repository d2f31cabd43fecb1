import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { PASSWORD, startTestServer, TestClient } from "../../test/test-server.ts";
import { processHashGate } from "../users/hashing/hash-gate.ts";
import { toNodeHandler } from "./node-handler.ts";

it("logins that nobody waits for any more leave the queue, and count against nobody", async () => {
  const ostiary = await startTestServer();
  await new TestClient(ostiary).signup();
  const handle = toNodeHandler(ostiary.fetch, () => {});
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  // The threads are busy with other people's passwords, so these wait.
  const gate = processHashGate();
  let left = 90;
  const others = Array.from({ length: left }, async () => {
    await gate.run({ kind: "hash", password: "x", pepper: null });
    left--;
  });
  const body = JSON.stringify({ email: "ada@example.com", password: "wrong" });
  const head = `POST /auth/login HTTP/1.1\r\nHost: localhost:4000\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  const sockets = Array.from({ length: 5 }, () => connect(port).on("error", () => {}));
  for (const socket of sockets) socket.write(`${head}\r\n\r\n${body}`);
  const logins = (): number => gate.load().running + gate.load().waiting - left;
  await expect.poll(logins, { interval: 1 }).toBe(5);
  for (const socket of sockets) socket.destroy();
  await Promise.all(others);
  await expect.poll(() => gate.load()).toEqual({ running: 0, waiting: 0 });
  const answer = await new TestClient(ostiary).call("POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } });
  expect(answer.status).toBe(200);
  const failures = (await ostiary.audit.list({ limit: 100 })).filter(({ type }) => type === "login_failed");
  expect(failures).toEqual([]);
});
