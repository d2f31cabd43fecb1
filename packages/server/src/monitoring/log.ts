import type { AuditEvent, AuditEventType } from "../audit/audit-event.ts";

export interface Log {
  event(event: AuditEvent): void;
}

/** What somebody should look at. */
const WARNINGS: readonly AuditEventType[] = ["refresh_token_reused", "limit_reached", "suspicious"];

/** One JSON object a line on standard output. The library is loaded for those who want it. */
export async function createLog(destination?: { write(line: string): void }): Promise<Log> {
  const { destination: standardOutput, pino, stdTimeFunctions } = await import("pino");
  const options = { base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (level: string) => ({ level }) } };
  // At once: in order with what else is printed, and complete however the process ends.
  const logger = pino(options, destination ?? standardOutput({ sync: true }));
  return {
    event({ at, type, ...rest }) {
      const isWarning = WARNINGS.includes(type) || "suspicious" in rest.detail;
      logger[isWarning ? "warn" : "info"]({ event: type, at: new Date(at).toISOString(), ...rest });
    },
  };
}
