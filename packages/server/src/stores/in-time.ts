import { storeUnavailable } from "../errors.ts";
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

class TooLate extends Error {}

/** The result of `work`, or a failure once `ms` have passed; what the work comes to then is nobody's concern. */
export async function inTime<Result>(ms: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  let last: NodeJS.Immediate | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(new TooLate(`${what} did not answer within ${Math.ceil(ms)} ms.`));
    // If it is this process that was busy for so long, the answer is there, but not read yet: that comes first.
    timer = setTimeout(() => (last = setImmediate(refuse)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
    clearImmediate(last);
  }
}
