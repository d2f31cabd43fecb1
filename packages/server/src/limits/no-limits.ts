import type { Attempt } from "./attempt.ts";
import type { Limits } from "./limits.ts";

/** For `limits: "off"`. */
export const NO_LIMITS: Limits = {
  login: async () => UNCOUNTED,
  passwordChange: async () => UNCOUNTED,
  signup: async () => {},
  request: async () => {},
  userCode: async () => UNCOUNTED,
  secondFactor: async () => UNCOUNTED,
  passkeyAsked: async () => {},
  forgiveSecondFactor: async () => {},
  signInWith: async () => {},
  wrongToken: async () => {},
  wrongClient: async () => [],
  registration: async () => {},
  clientDocument: async () => {},
  mailAsked: async () => true,
  mailTo: async () => true,
  wrongLink: async () => {},
  signUpConfirmed: async () => UNCOUNTED,
  forgive: async () => {},
};

const UNCOUNTED: Attempt = {
  succeeded: async () => {},
  failed: async () => [],
  withdrawn: async () => {},
  abandoned: async () => {},
};
