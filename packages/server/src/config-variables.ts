import { PROVIDER_VARIABLES } from "./federation/provider-variables.ts";
import { guideVariables } from "./guide-variables.ts";
import type { OstiaryConfig } from "./ostiary-config.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

type Path = keyof OstiaryConfig | `${"sessions" | "signup" | "mail" | "passkeys"}.${string}`;

const PREFIX = "OSTIARY_";

/** Settings that can be given as a variable, by the name they have in a configuration. */
export const VARIABLES = {
  PORT: "port",
  ISSUER: "issuer",
  DATA_DIR: "dataDir",
  DATABASE_URL: "databaseUrl",
  REDIS_URL: "redisUrl",
  SECRET: "secret",
  AUDIENCE: "audience",
  PREVIOUS_SECRET: "previousSecret",
  SIGNING_ALGORITHM: "signingAlgorithm",
  KEY_ROTATION: "keyRotation",
  KEY_PUBLISH_AHEAD: "keyPublishAhead",
  ACCESS_TOKEN_SECRET: "accessTokenSecret",
  REFRESH_TOKEN_SECRET: "refreshTokenSecret",
  ACCESS_TOKEN_TTL: "accessTokenTtl",
  REFRESH_TOKEN_TTL: "refreshTokenTtl",
  SESSION_TTL: "sessionTtl",
  REMEMBER_TTL: "rememberTtl",
  ROTATION_GRACE: "rotationGrace",
  ALLOWED_ORIGINS: "allowedOrigins",
  PASSWORD_MIN_LENGTH: "passwordMinLength",
  DPOP_NONCES: "dpopNonces",
  SESSION_BIND: "sessions.bind",
  PASSWORD_PEPPER: "passwordPepper",
  BREACHED_PASSWORDS: "breachedPasswords",
  LIMITS: "limits",
  TRUST_PROXY: "trustProxy",
  AUDIT_RETENTION: "auditRetention",
  LOG: "log",
  METRICS_TOKEN: "metricsToken",
  PUSHED_REQUESTS: "pushedRequests",
  DYNAMIC_REGISTRATION: "dynamicRegistration",
  CLIENT_ID_DOCUMENTS: "clientIdDocuments",
  SELF_REGISTERED_SCOPES: "selfRegisteredScopes",
  CONCEAL_EXISTING: "signup.concealExisting",
  PASSKEY_RP_ID: "passkeys.rpId",
  PASSKEY_ORIGINS: "passkeys.origins",
  SMTP_URL: "mail.transport",
  MAIL_FROM: "mail.from",
  MAIL_LANGUAGE: "mail.language",
} as const satisfies Record<string, Path>;

/** What variables say; by the path of each setting, the name of the one that said it; and names that are of none. */
export function variablesOf(environment: Environment, signingAlgorithm: string | undefined) {
  const settings: Record<string, unknown> = {};
  const names = new Map<string, string>();
  const unknown: string[] = [];
  // Compose files and the like set it to nothing rather than not at all.
  if (environment["PORT"]) set("port", "PORT", environment["PORT"]);
  for (const { path, name, value } of guideVariables(environment, signingAlgorithm)) set(path, name, value);
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    const suffix = name.slice(PREFIX.length);
    if (PROVIDER_VARIABLES.includes(name)) continue;
    if (Object.hasOwn(VARIABLES, suffix)) set(VARIABLES[suffix as keyof typeof VARIABLES], name, value);
    else unknown.push(name);
  }
  return { settings, names, unknown };

  function set(path: string, name: string, value: string): void {
    const [key = "", member] = path.split(".");
    const before = settings[key];
    settings[key] = member === undefined ? value : { ...(isRecord(before) ? before : {}), [member]: value };
    names.set(path, name);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
