import { lazilyAt as at } from "../http/lazily-at.ts";
import type { Lazy } from "../http/lazily-at.ts";
import type { PageRoute } from "./page-route.ts";

/** Every page with its forms, and where it is written: loaded when somebody first comes there. */
export const LAZY_PAGES: readonly Lazy<PageRoute>[] = [
  at(["get /sign-in", "post /sign-in"], async () => (await import("./sign-in/route.ts")).signInRoutes),
  at(
    [
      "get /sign-in/second-factor",
      "post /sign-in/second-factor",
      "post /sign-in/second-factor/passkey",
      "post /sign-in/passkey",
      "post /sign-in/passkey/options",
    ],
    async () => (await import("./second-factor/route.ts")).secondFactorRoutes,
  ),
  at(
    ["post /sign-in/with/{provider}", "get /sign-in/with/{provider}/callback", "post /sign-in/with/{provider}/password"],
    async () => (await import("./sign-in-with/route.ts")).signInWithRoutes,
  ),
  at(["get /sign-up", "post /sign-up"], async () => (await import("./sign-up/route.ts")).signUpRoutes),
  at(
    [
      "get /account",
      "post /account",
      "get /account/authenticator",
      "post /account/authenticator",
      "post /account/passkey",
      "get /account/two-steps",
    ],
    async () => (await import("./account/route.ts")).accountRoutes,
  ),
  at("get /step-up", async () => (await import("./step-up/route.ts")).stepUpRoutes),
  at(
    ["get /continue", "post /continue", "patch /continue", "delete /continue"],
    async () => (await import("./continue/route.ts")).continueRoutes,
  ),
  at(
    ["get /oauth/authorize", "post /oauth/authorize", "post /oauth/authorize/consent"],
    async () => (await import("./authorize/route.ts")).authorizeRoutes,
  ),
  at(["get /device", "post /device"], async () => (await import("./device/route.ts")).deviceRoutes),
  at(
    ["get /oauth/logout", "post /oauth/logout", "post /oauth/logout/confirm", "get /oauth/logout/confirm"],
    async () => (await import("./logout/route.ts")).logoutRoutes,
  ),
  at(
    ["get /forgot-password", "post /forgot-password"],
    async () => (await import("./by-mail/forgot-password.ts")).forgotPasswordRoutes,
  ),
  at(
    [
      "get /reset-password",
      "post /reset-password",
      "get /verify-email",
      "post /verify-email",
      "get /confirm-sign-up",
      "post /confirm-sign-up",
      "get /confirm-email",
      "post /confirm-email",
      "get /undo-email",
      "post /undo-email",
    ],
    async () => (await import("./by-mail/link-routes.ts")).linkRoutes,
  ),
].flat();
