import { z } from "zod";
import type { Algorithm } from "@ostiary/jwt";
import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { databaseUrl, domain, issuer, origins, proxies, redisUrl } from "./config-addresses.ts";
import { callback, DAY, duration, list, MINUTE, oneOf, onOrOff, wholeNumber } from "./config-values.ts";
import { providersSchema } from "./federation/provider.ts";
import type { AdoptSessionHook } from "./http/adopt-session-hook.ts";
import { SIGNING_ALGORITHMS } from "./keys/signing-algorithms.ts";
import { limitsSchema } from "./limits/limits-schema.ts";
import { mailSchema } from "./mail/mail-schema.ts";
import { systemRandom } from "./random.ts";
import type { Random } from "./random.ts";
import { reportError } from "./report-error.ts";
import type { PasskeySettings } from "./second-factors/passkey-settings.ts";
import type { SessionBinding } from "./sessions/device-change.ts";
import type { ClaimsHook } from "./tokens/custom-claims.ts";
import { isScope, OPENID_SCOPES, SCOPE_NAME } from "./tokens/scope-names.ts";
import { DIRECTORY_METHODS } from "./users/directory/user-directory.ts";
import type { UserDirectory } from "./users/directory/user-directory.ts";

const PEPPER_MEND = "is too short to be safe: use the output of `npx ostiary secret`";
const DIRECTORY_MEND = `must be an object with the functions ${DIRECTORY_METHODS.join(", ")}`;
const BINDINGS = ["none", "user-agent", "network"] as const satisfies SessionBinding[];

const secret = z
  .string()
  .min(32, { error: "is too short to be safe: set it to the output of `npx ostiary secret`", abort: true })
  .refine((value) => new Set(value).size >= 12, "is too regular to be safe: use the output of `npx ostiary secret`");

const pages = z.strictObject({
  name: z.string().trim().min(1, "must not be empty").max(60, "must have at most 60 characters").default("Ostiary"),
  logo: z.string().regex(/\.(?:svg|png|webp|jpe?g)$/i, "must name a file: svg, png, webp or jpg").optional(),
  stylesheet: z.string().regex(/\.css$/i, "must name a .css file").optional(),
});

const concealExisting = z
  .union([z.boolean(), z.enum(["on", "off"])], "must be on or off")
  .default(false)
  .transform((value) => value === true || value === "on");

/** `OstiaryConfig` as it is checked: the range, the default and the mend of every setting. */
export const configSchema = z.strictObject({
  port: wholeNumber({ min: 1, max: 65_535 }).default(4000),
  issuer: issuer.optional(),
  dataDir: z.string().min(1, "must name a folder").default(".ostiary"),
  databaseUrl: databaseUrl.optional(),
  redisUrl: redisUrl.optional(),
  secret: secret.optional(),
  previousSecret: z.string().min(1, "must not be empty").optional(),
  audience: list.refine((values) => values.length > 0 && values.every(Boolean), "must not be empty").optional(),
  signingAlgorithm: oneOf(SIGNING_ALGORITHMS).optional(),
  keyRotation: duration({ min: 2, max: 3660 * DAY }).default(90 * DAY),
  keyPublishAhead: duration({ min: 1, max: 30 * DAY }).optional(),
  accessTokenSecret: z.string().optional(),
  refreshTokenSecret: z.string().optional(),
  accessTokenTtl: duration({ min: 5, max: DAY }).default(15 * MINUTE),
  refreshTokenTtl: duration({ min: 10, max: 366 * DAY }).default(7 * DAY),
  sessionTtl: duration({ min: 10, max: 3660 * DAY }).default(30 * DAY),
  rememberTtl: duration({ min: 10, max: 3660 * DAY }).default(90 * DAY),
  rotationGrace: duration({ min: 0, max: 60 }).default(10),
  sessions: z.strictObject({ bind: oneOf(BINDINGS).default("none") }).prefault({}),
  dpopNonces: onOrOff.default("off"),
  allowedOrigins: origins.default([]),
  passwordMinLength: wholeNumber({ min: 8, max: 64 }).default(8),
  passwordPepper: list.refine((peppers) => peppers.every((pepper) => pepper.length >= 32), PEPPER_MEND).default([]),
  breachedPasswords: z.string().min(1, "must name a file").optional(),
  limits: limitsSchema.default("on"),
  trustProxy: proxies,
  auditRetention: duration({ min: DAY, max: 3660 * DAY }).default(400 * DAY),
  log: z.enum(["off", "json"], "must be off or json").default("off"),
  metricsToken: z.string().regex(/^[\w.~+/=-]{16,}$/, "must have at least 16 letters, digits and -._~+/=").optional(),
  pages: pages.prefault({}),
  passkeys: z.strictObject({ rpId: domain.optional(), origins: origins.optional() }).prefault({}),
  dynamicRegistration: z.enum(["off", "token", "open"], "must be off, token or open").default("off"),
  clientIdDocuments: onOrOff.default("off"),
  selfRegisteredScopes: list.refine((scopes) => scopes.every(isScope), "must be scope names").default([...OPENID_SCOPES]),
  dangerouslyFetchLoopback: z.boolean("must be true or false").default(false),
  signup: z.strictObject({ concealExisting }).prefault({}),
  mail: mailSchema.optional(),
  scopes: z.record(z.string(), z.array(z.string().regex(SCOPE_NAME, "must be scope names"))).default({}),
  pushedRequests: z.enum(["optional", "required"], "must be optional or required").default("optional"),
  claims: callback<ClaimsHook>().optional(),
  users: z.custom<UserDirectory>(isDirectory, DIRECTORY_MEND).optional(),
  signInWith: providersSchema.default([]),
  adoptSession: callback<AdoptSessionHook>().optional(),
  onError: callback<(error: unknown) => void>().default(() => reportError),
  clock: callback<Clock>().default(() => systemClock),
  random: z.custom<Random>((value) => typeof value === "object" && value !== null).default(systemRandom),
});

function isDirectory(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return DIRECTORY_METHODS.every((name) => typeof Reflect.get(value, name) === "function");
}

type Resolved = "audience" | "signingAlgorithm" | "keyPublishAhead" | "passkeys";

/** The settings in force. Durations in seconds. */
export interface Settings extends Omit<z.output<typeof configSchema>, Resolved> {
  readonly issuer: string;
  /** The issuer's path: `/auth`, or empty. */
  readonly issuerPath: string;
  /** Whether the issuer is an https URL: cookies are `Secure` then. */
  readonly secure: boolean;
  readonly databaseUrl: string;
  readonly audience: string[];
  readonly signingAlgorithm: Algorithm;
  readonly keyPublishAhead: number;
  readonly passkeys: PasskeySettings;
  readonly production: boolean;
}
