/**
 * Monitoring: what operators see while it happens. Owns the log lines, the metrics and the spans.
 * The audit is the record; this only repeats it, and may be lost. No secrets: an event has none.
 */
import type { AuditEvent } from "../audit/audit-event.ts";
import { createLog } from "./log.ts";
import type { Destination } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import type { Metrics } from "./metrics.ts";

export interface Monitoring {
  readonly notice: (event: AuditEvent) => void;
  /** Null if nobody is to ask for them. */
  readonly metrics: Metrics | null;
}

export interface MonitoringSettings {
  readonly log: "off" | "json";
  readonly metricsToken?: string | undefined;
  readonly onError: (error: unknown) => void;
}

/** `destination` of the log. Default: standard output. */
export async function createMonitoring(
  { log: form, metricsToken, onError }: MonitoringSettings,
  destination?: Destination,
): Promise<Monitoring> {
  const log = form === "json" ? await createLog(destination) : null;
  const metrics = metricsToken === undefined ? null : await createMetrics();
  return {
    metrics,
    notice(event) {
      // It is committed by now.
      try {
        log?.event(event);
      } catch (error) {
        onError(error);
      }
      metrics?.event(event);
    },
  };
}
