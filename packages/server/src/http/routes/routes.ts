import { lazyRoutes as at } from "../lazy-routes.ts";
import type { LazyRoute } from "../lazy-routes.ts";
import type { Route } from "../route.ts";
import { ADMIN_PLACES } from "./admin/places.ts";

/** Every endpoint of the server, and where it is written. `issuerPath` is the issuer's path, `/auth` or empty. */
export function routesOf(issuerPath: string): LazyRoute[] {
  const routes = [
    at("post /signup", async () => (await import("./create-account/route.ts")).createAccountRoute),
    at("post /signup/confirm", async () => (await import("./confirm-sign-up/route.ts")).confirmSignUpRoute),
    at("post /login", async () => (await import("./create-session/route.ts")).createSessionRoute),
    at(
      ["post /login/second-factor", "post /login/second-factor/passkey"],
      async () => (await import("./take-second-step/route.ts")).takeSecondStepRoutes,
    ),
    at(
      ["post /login/passkey/options", "post /login/passkey"],
      async () => (await import("./sign-in-by-passkey/route.ts")).signInByPasskeyRoutes,
    ),
    at("post /refresh", async () => (await import("./refresh-session/route.ts")).refreshSessionRoute),
    at("post /logout", async () => (await import("./end-session/route.ts")).endSessionRoute),
    at("post /logout-all", async () => (await import("./end-all-sessions/route.ts")).endAllSessionsRoute),
    at("get /me", async () => (await import("./get-me/route.ts")).getMeRoute),
    at("patch /me", async () => (await import("./update-me/route.ts")).updateMeRoute),
    at("post /password", async () => (await import("./change-password/route.ts")).changePasswordRoute),
    at("post /password/forgot", async () => (await import("./request-password-reset/route.ts")).requestPasswordResetRoute),
    at("post /password/reset", async () => (await import("./reset-password/route.ts")).resetPasswordRoute),
    at("post /email", async () => (await import("./change-email/route.ts")).changeEmailRoute),
    at("post /email/verification", async () => (await import("./request-verification/route.ts")).requestVerificationRoute),
    at("post /email/verify", async () => (await import("./verify-email/route.ts")).verifyEmailRoute),
    at("post /email/confirm", async () => (await import("./confirm-email/route.ts")).confirmEmailRoute),
    at("post /email/undo", async () => (await import("./undo-email-change/route.ts")).undoEmailChangeRoute),
    at("get /settings", async () => (await import("./get-settings/route.ts")).getSettingsRoute),
    at(
      [
        "get /second-factors",
        "post /second-factors/totp",
        "post /second-factors/totp/confirm",
        "delete /second-factors/totp",
        "post /second-factors/recovery-codes",
        "post /second-factors/passkeys/options",
        "post /second-factors/passkeys",
        "patch /second-factors/passkeys/{id}",
        "delete /second-factors/passkeys/{id}",
      ],
      async () => (await import("./second-factors/route.ts")).secondFactorRoutes,
    ),
    at("get /sessions", async () => (await import("./list-sessions/route.ts")).listSessionsRoute),
    at("delete /sessions/{id}", async () => (await import("./revoke-session/route.ts")).revokeSessionRoute),
    at("get /csrf", async () => (await import("./get-csrf-token/route.ts")).getCsrfTokenRoute),
    at(
      "get /revocations",
      async () => (await import("./stream-revocations/route.ts")).streamRevocationsRoute,
      { forPrograms: true },
    ),
    at("post /oauth/token", async () => (await import("./exchange-token/route.ts")).exchangeTokenRoute, { cors: "any" }),
    at("post /oauth/par", async () => (await import("./push-request/route.ts")).pushRequestRoute, { cors: "any" }),
    at("post /oauth/device", async () => (await import("./authorize-device/route.ts")).authorizeDeviceRoute, { cors: "any" }),
    at(
      ["get /oauth/userinfo", "post /oauth/userinfo"],
      async () => (await import("./get-userinfo/route.ts")).userinfoRoutes,
      { cors: "any" },
    ),
    at(
      "post /oauth/introspect",
      async () => (await import("./introspect-token/route.ts")).introspectTokenRoute,
      { forPrograms: true },
    ),
    at("post /oauth/revoke", async () => (await import("./revoke-token/route.ts")).revokeTokenRoute, { cors: "any" }),
    at("post /oauth/register", async () => (await import("./register-client/route.ts")).registerClientRoute, { cors: "any" }),
    at(
      ["get /oauth/register/{id}", "put /oauth/register/{id}", "delete /oauth/register/{id}"],
      async () => (await import("./register-client/route.ts")).registrationRoutes,
    ),
    at("get /.well-known/jwks.json", async () => (await import("./get-jwks/route.ts")).getJwksRoute, { cors: "any" }),
    at(
      "get /.well-known/openid-configuration",
      async () => (await import("./get-metadata/route.ts")).getMetadataRoute,
      { cors: "any" },
    ),
    at(
      `get /.well-known/oauth-authorization-server${issuerPath}`,
      async () => (await import("./get-metadata/route.ts")).rootMetadataRoute(issuerPath),
      { at: "server", cors: "any" },
    ),
    at(
      `get /.well-known/oauth-protected-resource${issuerPath}/oauth/userinfo`,
      async () => (await import("./get-resource-metadata/route.ts")).resourceMetadataRoute(issuerPath),
      { at: "server", cors: "any" },
    ),
    at("get /healthz", async () => (await import("./get-health/route.ts")).getHealthRoute, { at: "server" }),
    at("get /readyz", async () => (await import("./get-health/route.ts")).getReadinessRoute, { at: "server" }),
    at(ADMIN_PLACES, async () => (await import("./admin/routes.ts")).adminRoutes),
    at("get /metrics", async () => (await import("./get-metrics/route.ts")).getMetricsRoute, { at: "server" }),
  ].flat();
  const all: LazyRoute[] = [...routes, ...at("get /openapi.json", () => describing(all))];
  return all;
}

/** Loads all of them: the document says what each takes and answers. */
async function describing(routes: readonly LazyRoute[]): Promise<Route> {
  const [{ getOpenapiRoute }, { openapiDocument }] = await Promise.all([import("./get-openapi/route.ts"), import("../openapi.ts")]);
  return getOpenapiRoute(async (issuer) => openapiDocument(await Promise.all(routes.map(({ load }) => load())), issuer));
}
