/** Tells the operator when a guard has lost sight of revocations, what follows from it, and when it is over. */

export type WhenStale = "reject" | "introspect" | "accept";

export interface StaleAlarmOptions {
  readonly issuer: string;
  readonly whenStale: WhenStale;
  readonly onWarning: (message: string) => void;
}

export interface StaleAlarm {
  /** Sight is lost. Told once; again each minute if tokens are accepted all the same. True when this call told it. */
  raise(why: string): boolean;
  /** Sight is back. Told if its loss was. */
  lower(): void;
  close(): void;
}

const CONSEQUENCES: Record<WhenStale, string> = {
  reject: "requests are answered with 503 until it can",
  introspect: "the auth server is asked about each token until it can",
  accept: "TOKENS ARE ACCEPTED ALTHOUGH THEY MAY HAVE BEEN REVOKED (whenStale: accept)",
};

const REPEAT_AFTER = 60_000;

export function createStaleAlarm({ issuer, whenStale, onWarning }: StaleAlarmOptions): StaleAlarm {
  let raised = false;
  let repeating: NodeJS.Timeout | undefined;
  const guard = `The guard of ${issuer}`;
  return {
    raise(why) {
      if (raised) return false;
      raised = true;
      const warn = () => onWarning(`${guard} cannot see what is revoked: ${why}; ${CONSEQUENCES[whenStale]}`);
      warn();
      if (whenStale === "accept") repeating = setInterval(warn, REPEAT_AFTER).unref();
      return true;
    },
    lower() {
      if (!raised) return;
      raised = false;
      clearInterval(repeating);
      onWarning(`${guard} sees again what is revoked`);
    },
    close: () => clearInterval(repeating),
  };
}
