import { storeUnavailable } from "../errors.ts";
import { inTime, TooLate } from "../in-time.ts";
import type { SessionStore } from "../sessions/session-store.ts";

/** A rotation is several questions to a database. Whoever asks for it waits `ms` in all, not for each. */
export function rotatingInTime(ms: number, what: string, rotate: SessionStore["rotate"]): SessionStore["rotate"] {
  return async (id, decide) => {
    try {
      return await inTime(ms, what, rotate(id, decide));
    } catch (error) {
      throw error instanceof TooLate ? storeUnavailable(error) : error;
    }
  };
}
