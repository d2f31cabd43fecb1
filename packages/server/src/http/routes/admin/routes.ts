import type { Route } from "../../route.ts";
import { claimFirstAdminRoute } from "./claim-first-admin/route.ts";
import { createApiKeyRoute } from "./create-api-key/route.ts";
import { createClientRoute } from "./create-client/route.ts";
import { createUserRoute } from "./create-user/route.ts";
import { deleteClientRoute } from "./delete-client/route.ts";
import { deleteUserRoute } from "./delete-user/route.ts";
import { disableUserRoute } from "./disable-user/route.ts";
import { disconnectUserRoute } from "./disconnect-user/route.ts";
import { enableUserRoute } from "./enable-user/route.ts";
import { endAnySessionRoute } from "./end-session/route.ts";
import { getApiKeyRoute } from "./get-api-key/route.ts";
import { getClientRoute } from "./get-client/route.ts";
import { getOverviewRoute } from "./get-overview/route.ts";
import { getSessionRoute } from "./get-session/route.ts";
import { getSettingsRoute } from "./get-settings/route.ts";
import { getUserRoute } from "./get-user/route.ts";
import { listApiKeysRoute } from "./list-api-keys/route.ts";
import { listAuditRoute } from "./list-audit/route.ts";
import { listClientsRoute } from "./list-clients/route.ts";
import { listKeysRoute } from "./list-keys/route.ts";
import { listUserSessionsRoute } from "./list-user-sessions/route.ts";
import { listUsersRoute } from "./list-users/route.ts";
import { revokeApiKeyRoute } from "./revoke-api-key/route.ts";
import { rotateApiKeyRoute } from "./rotate-api-key/route.ts";
import { rotateClientSecretRoute } from "./rotate-client-secret/route.ts";
import { rotateKeysRoute } from "./rotate-keys/route.ts";
import { setRolesRoute } from "./set-roles/route.ts";
import { signUserOutRoute } from "./sign-user-out/route.ts";
import { resetSecondFactorsRoute } from "./reset-second-factors/route.ts";
import { unlockUserRoute } from "./unlock-user/route.ts";
import { updateClientRoute } from "./update-client/route.ts";
import { withdrawKeyRoute } from "./withdraw-key/route.ts";

/** What the console does, and programs can do as well. */
export const adminRoutes: readonly Route[] = [
  getOverviewRoute,
  listUsersRoute,
  createUserRoute,
  getUserRoute,
  setRolesRoute,
  deleteUserRoute,
  disableUserRoute,
  enableUserRoute,
  unlockUserRoute,
  resetSecondFactorsRoute,
  signUserOutRoute,
  disconnectUserRoute,
  listUserSessionsRoute,
  getSessionRoute,
  endAnySessionRoute,
  listKeysRoute,
  rotateKeysRoute,
  withdrawKeyRoute,
  listClientsRoute,
  createClientRoute,
  getClientRoute,
  updateClientRoute,
  rotateClientSecretRoute,
  deleteClientRoute,
  listApiKeysRoute,
  createApiKeyRoute,
  getApiKeyRoute,
  rotateApiKeyRoute,
  revokeApiKeyRoute,
  listAuditRoute,
  getSettingsRoute,
  claimFirstAdminRoute,
];
