/**
 * The second step of signing in, and passkeys in place of both: for whoever has taken the first step in this browser, which
 * alone can go on. Owns the way through the pages; what proves a factor and that it counts once is the domain's affair.
 */
import type { PageRoute } from "../page-route.ts";
import { PASSKEY_SIGN_IN, SECOND_FACTOR } from "./page.ts";
import { askForPasskey, showSecondFactor, submitSecondFactor } from "./second-step.ts";
import { askForPasskeyAlone, submitPasskeyAlone } from "./passkey-sign-in.ts";

export const secondFactorRoutes: readonly PageRoute[] = [
  { method: "get", path: SECOND_FACTOR, handle: showSecondFactor },
  { method: "post", path: SECOND_FACTOR, handle: submitSecondFactor },
  { method: "post", path: `${SECOND_FACTOR}/passkey`, handle: askForPasskey },
  { method: "post", path: PASSKEY_SIGN_IN, handle: submitPasskeyAlone },
  { method: "post", path: `${PASSKEY_SIGN_IN}/options`, handle: askForPasskeyAlone },
];
