import type { AuditEvent, AuditEventType } from "../audit/audit-event.ts";

export interface Log {
  /** Throws if the line cannot be written; it is lost then. */
  event(event: AuditEvent): void;
}

export interface Destination {
  /** Throws if it cannot. */
  write(line: string): void;
}

/** What somebody should look at. */
const WARNINGS: readonly AuditEventType[] = ["refresh_token_reused", "limit_reached", "suspicious"];

/** One JSON object a line on standard output. The library is loaded for those who want it. */
export async function createLog(destination?: Destination): Promise<Log> {
  const { destination: standardOutput, pino, stdTimeFunctions } = await import("pino");
  const options = { base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (level: string) => ({ level }) } };
  // At once: in order with what else is printed, and complete however the process ends.
  const open = () => pino(options, destination ?? standardOutput({ sync: true }));
  let logger = open();
  return {
    event({ at, type, mail: _, ...rest }) {
      const isWarning = WARNINGS.includes(type) || "suspicious" in rest.detail;
      try {
        logger[isWarning ? "warn" : "info"]({ event: type, at: new Date(at).toISOString(), ...rest });
      } catch (error) {
        // It keeps every line that it could not write, for as long as the disk is full.
        logger = open();
        throw error;
      }
    },
  };
}
