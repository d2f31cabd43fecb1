import type { AuditEvent } from "../audit/audit-event.ts";
import { processHashGate } from "../users/hashing/hash-gate.ts";

export interface Metrics {
  event(event: AuditEvent): void;
  /** `route` is the pattern, not the path: paths are as many as callers like. */
  request(request: { method: string; route: string; status: number; seconds: number }): void;
  /** A guard has asked about an API key. */
  apiKeyAsked(outcome: "good" | "refused"): void;
  /** In the text form of Prometheus. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A registry of its own: the application that embeds the server has one for itself. */
export async function createMetrics(): Promise<Metrics> {
  const { Registry, Counter, Gauge, Histogram, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({ name: "ostiary_events_total", help: "Security events, as in the audit.", labelNames: ["type"], registers });
  const requests = new Histogram({
    name: "ostiary_http_request_duration_seconds",
    help: "Requests answered, by route and status.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const apiKeys = new Counter({ name: "ostiary_api_keys_asked_total", help: "Questions of guards about API keys.", labelNames: ["outcome"], registers });
  const hashes = new Gauge({
    name: "ostiary_password_hashes",
    help: "Password hashes under way and waiting.",
    labelNames: ["state"],
    registers,
    collect() {
      const { running, waiting } = processHashGate().load();
      this.set({ state: "running" }, running);
      this.set({ state: "waiting" }, waiting);
    },
  });
  void hashes;
  return {
    event: ({ type }) => events.inc({ type }),
    request: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    apiKeyAsked: (outcome) => apiKeys.inc({ outcome }),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
