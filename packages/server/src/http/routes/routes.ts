import { openapiDocument } from "../openapi.ts";
import type { Route } from "../route.ts";
import { adminRoutes } from "./admin/routes.ts";
import { changePasswordRoute } from "./change-password/route.ts";
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
import { userinfoRoutes } from "./get-userinfo/route.ts";
import { resourceMetadataRoute } from "./get-resource-metadata/route.ts";
import { introspectTokenRoute } from "./introspect-token/route.ts";
import { listSessionsRoute } from "./list-sessions/route.ts";
import { refreshSessionRoute } from "./refresh-session/route.ts";
import { revokeSessionRoute } from "./revoke-session/route.ts";
import { revokeTokenRoute } from "./revoke-token/route.ts";
import { streamRevocationsRoute } from "./stream-revocations/route.ts";
import { updateMeRoute } from "./update-me/route.ts";

/** Every endpoint of the server. `issuerPath` is the issuer's path, `/auth` or empty. */
export function routesOf(issuerPath: string): Route[] {
  const routes: Route[] = [
    createAccountRoute,
    createSessionRoute,
    refreshSessionRoute,
    endSessionRoute,
    endAllSessionsRoute,
    getMeRoute,
    updateMeRoute,
    changePasswordRoute,
    listSessionsRoute,
    revokeSessionRoute,
    getCsrfTokenRoute,
    streamRevocationsRoute,
    exchangeTokenRoute,
    ...userinfoRoutes,
    introspectTokenRoute,
    revokeTokenRoute,
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
