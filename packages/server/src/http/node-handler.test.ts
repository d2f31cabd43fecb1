import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { toNodeHandler } from "./node-handler.ts";

test("a handler that fails is a 500 that is reported, and not blamed on the request", async () => {
  const reported: unknown[] = [];
  const fault = new Error("a fault of ours");
  const handle = toNodeHandler(() => Promise.reject(fault), (error) => reported.push(error));
  const server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ error: "server_error" });
  expect(reported).toEqual([fault]);
});

test("in somebody's application Request and Response stay what they are; in a process of our own they need not", () => {
  const program = `import { toNodeHandler } from ${JSON.stringify(new URL("node-handler.ts", import.meta.url).href)};
    const kept = [Request, Response];
    const isKept = () => Request === kept[0] && Response === kept[1];
    toNodeHandler(() => new Response(), () => {});
    const before = isKept();
    toNodeHandler(() => new Response(), () => {}, { ownsProcess: true });
    console.log(JSON.stringify([before, isKept()]));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual([true, false]);
});
