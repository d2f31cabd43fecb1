import { z } from "zod";
import { DAY, duration, wholeNumber } from "../config-values.ts";
import { DEFAULT_LIMITS } from "./budgets.ts";

const MEND =
  "must be on or off, or some of loginTries, addressTries, signupTries (1 to 1000000) and loginWindow (a minute to a day)";

const tries = wholeNumber({ min: 1, max: 1_000_000 });

/** What the configuration takes for `limits`. */
export const limitsSchema = z.union(
  [
    z.enum(["on", "off"]),
    z.strictObject({
      loginTries: tries.default(DEFAULT_LIMITS.loginTries),
      loginWindow: duration({ min: 60, max: DAY }).default(DEFAULT_LIMITS.loginWindow),
      addressTries: tries.default(DEFAULT_LIMITS.addressTries),
      signupTries: tries.default(DEFAULT_LIMITS.signupTries),
    }),
  ],
  MEND,
);
