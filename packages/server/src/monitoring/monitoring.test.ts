import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { expect, it } from "vitest";
import { context, trace } from "@opentelemetry/api";
import type { Span, Tracer } from "@opentelemetry/api";
import { MINUTE, PASSWORD, refusal, startTestServer, TestClient } from "../../test/test-server.ts";
import type { CallOptions, TestServer } from "../../test/test-server.ts";
import { LOCAL_ORIGIN } from "../audit/audit-event.ts";
import { createLog } from "./log.ts";
import { createMonitoring } from "./monitoring.ts";

const TOKEN = "metrics-token-of-the-tests";

async function atRoot(server: TestServer, path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const response = await server.fetch(new Request(new URL(path, server.issuer), { headers }));
  return { status: response.status, text: await response.text() };
}

/** Everything that can happen to Ada in a few calls. Tells every secret that was about. */
async function eventfulDay(server: TestServer): Promise<string[]> {
  const client = new TestClient(server);
  const wrong = "a wrong password that nobody is to read";
  const first = await client.signup();
  const call = (path: string, options: CallOptions) => client.call("POST", path, options);
  await call("/login", { body: { email: "ada@example.com", password: wrong } });
  await call("/login", { body: { email: "nobody@example.com", password: wrong } });
  const stolen = client.jar.get("ostiary_refresh") ?? "";
  await client.refresh();
  server.time.now += MINUTE;
  await client.refresh();
  server.time.now += MINUTE;
  const bodyTokens = await new TestClient(server).login("ada@example.com", { delivery: "body" });
  await call("/password", { bearer: bodyTokens.accessToken, body: { currentPassword: wrong, newPassword: PASSWORD } });
  await new TestClient(server).refresh(stolen, { "idempotency-key": "an-idempotency-key-that-is-secret" });
  await new TestClient(server).refresh(`${stolen}x`);
  const jar = [...client.jar.values()];
  return [PASSWORD, wrong, first.accessToken, stolen, bodyTokens.accessToken, bodyTokens.refreshToken ?? "-", "an-idempotency-key", ...jar];
}

it("no secret is ever written to the audit, the log or the metrics", async () => {
  const server = await startTestServer({ metricsToken: TOKEN });
  const secrets = await eventfulDay(server);
  const events = await server.audit.list({ limit: 1000 });
  const lines: string[] = [];
  const log = await createLog({ write: (line) => lines.push(line) });
  for (const event of events) log.event(event);
  const metrics = (await atRoot(server, "/metrics", { authorization: `Bearer ${TOKEN}` })).text;
  for (const written of [JSON.stringify(events), metrics, lines.join("")]) {
    expect(written).toContain("refresh_token_reused");
    // Of a token what proves anything is its last part.
    for (const secret of secrets) expect(written).not.toContain(secret.split(".").at(-1));
  }
});

it("a token in a query string is ignored, and neither logged nor counted by its name", async () => {
  const server = await startTestServer({ metricsToken: TOKEN });
  const client = new TestClient(server);
  const { accessToken } = await client.signup();
  const answer = await client.call("GET", `/me?access_token=${accessToken}`);
  expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
  const metrics = (await atRoot(server, "/metrics", { authorization: `Bearer ${TOKEN}` })).text;
  const audit = JSON.stringify(await server.audit.list({ limit: 1000 }));
  for (const written of [metrics, audit]) expect(written).not.toContain("access_token");
  expect(server.reported).toEqual([]);
});

it("an event of the audit is one JSON line: who, what, from where, and how it ended", async () => {
  const server = await startTestServer();
  await eventfulDay(server);
  const lines: string[] = [];
  const log = await createLog({ write: (line) => lines.push(line) });
  for (const event of await server.audit.list({ limit: 1000 })) log.event(event);
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.find(({ event }) => event === "login_failed")).toMatchObject({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
    event: "login_failed",
    at: "2026-01-01T00:00:00.000Z",
    userId: null,
    sessionId: null,
    ip: "203.0.113.7",
    userAgent: null,
    detail: { email: "nobody@example.com", why: "unknown_email" },
  });
  expect(parsed.find(({ event }) => event === "refresh_token_reused")).toMatchObject({ level: "warn" });
  expect(lines.every((line) => line.endsWith("}\n"))).toBe(true);
});

it("a line that cannot be written is reported, and counted all the same: what it tells of is done", async () => {
  const reported: unknown[] = [];
  const full = new Error("ENOSPC");
  const write = (): never => {
    throw full;
  };
  const settings = { log: "json", metricsToken: TOKEN, onError: (error: unknown) => void reported.push(error) } as const;
  const { notice, metrics } = await createMonitoring(settings, { write });
  notice({ at: 0, type: "login", userId: "u", sessionId: "s", ...LOCAL_ORIGIN, detail: {} });
  expect(reported).toEqual([full]);
  expect((await metrics?.text())?.body).toContain('ostiary_events_total{type="login"} 1');
});

it("nor does a full disk under the log and the errors end the process, or gather lines in memory", () => {
  const program = `
    const { createMonitoring } = await import(${JSON.stringify(new URL("monitoring.ts", import.meta.url).href)});
    const { reportError } = await import(${JSON.stringify(new URL("../report-error.ts", import.meta.url).href)});
    const { notice } = await createMonitoring({ log: "json", onError: reportError });
    const event = { at: 0, type: "login_failed", userId: null, sessionId: null, ip: null, userAgent: "x".repeat(1_000_000), detail: {} };
    for (let i = 0; i < 100; i++) {
      notice(event);
      await new Promise(setImmediate);
    }
    gc();
    process.exitCode = process.memoryUsage().heapUsed < 60_000_000 ? 42 : 1;`;
  const full = openSync("/dev/full", "w");
  try {
    const { status } = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", program], { stdio: ["ignore", full, full] });
    expect(status).toBe(42);
  } finally {
    closeSync(full);
  }
});

it("metrics are for whoever has the token, and nobody else", async () => {
  const server = await startTestServer({ metricsToken: TOKEN });
  await eventfulDay(server);
  const { status, text } = await atRoot(server, "/metrics", { authorization: `Bearer ${TOKEN}` });
  expect(status).toBe(200);
  expect(text).toContain('ostiary_events_total{type="login_failed"} 2');
  expect(text).toContain('ostiary_http_request_duration_seconds_count{method="POST",route="/auth/login",status="401"} 2');
  expect(text).toContain('ostiary_password_hashes{state="waiting"} 0');
  expect(text).toContain("process_resident_memory_bytes");
  for (const headers of [{}, { authorization: "Basic eDp5" }]) expect((await atRoot(server, "/metrics", headers)).status).toBe(401);
  expect((await atRoot(server, "/metrics", { authorization: `Bearer ${TOKEN}x` })).status).toBe(401);
  const without = await startTestServer();
  expect((await atRoot(without, "/metrics", { authorization: `Bearer ${TOKEN}` })).status).toBe(404);
  const wrongMethod = await new TestClient(server).call("GET", "/metrics");
  expect(refusal(wrongMethod)).toMatchObject({ status: 404 });
});

it.each(["before", "after"])("each request is a span named by its route where there is an SDK, registered %s the server is made", async (when) => {
  const spans: { name: string; status?: unknown }[] = [];
  const start = (name: string): Span => {
    const seen: (typeof spans)[number] = { name };
    spans.push(seen);
    const span = trace.wrapSpanContext({ traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 });
    span.setAttribute = (key, value) => {
      if (key === "http.response.status_code") seen.status = value;
      return span;
    };
    return span;
  };
  const startActiveSpan = ((name: string, ...rest: unknown[]) => {
    const work = rest.at(-1) as (span: Span) => unknown;
    return context.with(context.active(), () => work(start(name)));
  }) as Tracer["startActiveSpan"];
  const register = (): boolean => trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: start, startActiveSpan }) });
  try {
    if (when === "before") register();
    const server = await startTestServer();
    if (when === "after") register();
    const client = new TestClient(server);
    await client.call("POST", "/login", { body: { email: "ada@example.com", password: "wrong" } });
    await client.call("DELETE", "/sessions/some-id");
    expect(spans).toEqual([
      { name: "POST /auth/login", status: 401 },
      { name: "DELETE /auth/sessions/{id}", status: 401 },
    ]);
  } finally {
    trace.disable();
  }
});
