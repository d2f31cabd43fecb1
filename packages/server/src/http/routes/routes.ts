import { openapiDocument } from "../openapi.ts";
import type { Route } from "../route.ts";
import { adminRoutes } from "./admin/routes.ts";
import { authorizeDeviceRoute } from "./authorize-device/route.ts";
import { changeEmailRoute } from "./change-email/route.ts";
import { changePasswordRoute } from "./change-password/route.ts";
import { confirmEmailRoute } from "./confirm-email/route.ts";
import { confirmSignUpRoute } from "./confirm-sign-up/route.ts";
import { createAccountRoute } from "./create-account/route.ts";
import { createSessionRoute } from "./create-session/route.ts";
import { endAllSessionsRoute } from "./end-all-sessions/route.ts";
import { endSessionRoute } from "./end-session/route.ts";
import { exchangeTokenRoute } from "./exchange-token/route.ts";
import { getCsrfTokenRoute } from "./get-csrf-token/route.ts";
import { getHealthRoute, getReadinessRoute } from "./get-health/route.ts";
import { getJwksRoute } from "./get-jwks/route.ts";
import { getMetricsRoute } from "./get-metrics/route.ts";
import { getMeRoute } from "./get-me/route.ts";
import { getMetadataRoute, rootMetadataRoute } from "./get-metadata/route.ts";
import { getOpenapiRoute } from "./get-openapi/route.ts";
import { getSettingsRoute } from "./get-settings/route.ts";
import { userinfoRoutes } from "./get-userinfo/route.ts";
import { resourceMetadataRoute } from "./get-resource-metadata/route.ts";
import { introspectTokenRoute } from "./introspect-token/route.ts";
import { listSessionsRoute } from "./list-sessions/route.ts";
import { pushRequestRoute } from "./push-request/route.ts";
import { refreshSessionRoute } from "./refresh-session/route.ts";
import { registerClientRoutes } from "./register-client/route.ts";
import { requestPasswordResetRoute } from "./request-password-reset/route.ts";
import { requestVerificationRoute } from "./request-verification/route.ts";
import { resetPasswordRoute } from "./reset-password/route.ts";
import { secondFactorRoutes } from "./second-factors/route.ts";
import { signInByPasskeyRoutes } from "./sign-in-by-passkey/route.ts";
import { takeSecondStepRoutes } from "./take-second-step/route.ts";
import { revokeSessionRoute } from "./revoke-session/route.ts";
import { revokeTokenRoute } from "./revoke-token/route.ts";
import { streamRevocationsRoute } from "./stream-revocations/route.ts";
import { undoEmailChangeRoute } from "./undo-email-change/route.ts";
import { updateMeRoute } from "./update-me/route.ts";
import { verifyEmailRoute } from "./verify-email/route.ts";

/** Every endpoint of the server. `issuerPath` is the issuer's path, `/auth` or empty. */
export function routesOf(issuerPath: string): Route[] {
  const routes: Route[] = [
    createAccountRoute,
    confirmSignUpRoute,
    createSessionRoute,
    ...takeSecondStepRoutes,
    ...signInByPasskeyRoutes,
    refreshSessionRoute,
    endSessionRoute,
    endAllSessionsRoute,
    getMeRoute,
    updateMeRoute,
    changePasswordRoute,
    requestPasswordResetRoute,
    resetPasswordRoute,
    changeEmailRoute,
    requestVerificationRoute,
    verifyEmailRoute,
    confirmEmailRoute,
    undoEmailChangeRoute,
    getSettingsRoute,
    ...secondFactorRoutes,
    listSessionsRoute,
    revokeSessionRoute,
    getCsrfTokenRoute,
    streamRevocationsRoute,
    exchangeTokenRoute,
    pushRequestRoute,
    authorizeDeviceRoute,
    ...userinfoRoutes,
    introspectTokenRoute,
    revokeTokenRoute,
    ...registerClientRoutes,
    getJwksRoute,
    getMetadataRoute,
    rootMetadataRoute(issuerPath),
    resourceMetadataRoute(issuerPath),
    getHealthRoute,
    getReadinessRoute,
    ...adminRoutes,
    getMetricsRoute,
  ];
  const openapi = getOpenapiRoute((issuer) => openapiDocument([...routes, openapi], issuer));
  return [...routes, openapi];
}
