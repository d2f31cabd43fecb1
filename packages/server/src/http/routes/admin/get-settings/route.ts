import type { Settings } from "../../../../config-schema.ts";
import { shownSmtpUrl } from "../../../../mail/smtp-url.ts";
import { shownAddress } from "../../../../shown-address.ts";
import { adminRoute } from "../../../administer.ts";
import { settingsResponse } from "../../../admin-fields.ts";
import { jsonAnswer } from "../../../operation.ts";

/** By name, so that a setting that is added shows itself only when somebody has thought about it. */
const SHOWN = [
  "issuer",
  "port",
  "production",
  "audience",
  "allowedOrigins",
  "accessTokenTtl",
  "refreshTokenTtl",
  "sessionTtl",
  "rememberTtl",
  "rotationGrace",
  "dpopNonces",
  "sessions",
  "signingAlgorithm",
  "keyRotation",
  "keyPublishAhead",
  "passwordMinLength",
  "limits",
  "auditRetention",
  "trustProxy",
  "log",
  "dynamicRegistration",
  "clientIdDocuments",
  "selfRegisteredScopes",
  "scopes",
  "signup",
  "dataDir",
] as const satisfies (keyof Settings)[];

export const getSettingsRoute = adminRoute({
  method: "get",
  path: "/admin/settings",
  operation: {
    summary: "The settings in force, without secrets",
    responses: { 200: jsonAnswer("By the names they have in a configuration; durations in seconds.", settingsResponse) },
  },
  handle(c, _admin, { settings }) {
    const shown = Object.fromEntries(SHOWN.map((name) => [name, settings[name]]));
    const { databaseUrl, redisUrl, claims, mail } = settings;
    return c.json({
      settings: {
        ...shown,
        databaseUrl: shownAddress(databaseUrl),
        redisUrl: redisUrl === undefined ? null : shownAddress(redisUrl),
        claims: claims === undefined ? "none" : "set",
        mail: mail === undefined ? null : { from: mail.from, language: mail.language, transport: shownTransport(mail.transport) },
      },
    });
  },
});

/** The server that mails go to; of a way of the operator's own, only that it is one. */
function shownTransport(transport: NonNullable<Settings["mail"]>["transport"]): string | null {
  return typeof transport === "string" ? shownSmtpUrl(transport) : "own";
}
