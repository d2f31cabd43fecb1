import { z } from "zod";
import type { Algorithm } from "@ostiary/jwt";
import { OPENID_SCOPES } from "./clients/registration.ts";
import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { systemRandom } from "./random.ts";
import type { Random } from "./random.ts";
import { DEFAULT_LIMITS } from "./limits/budgets.ts";
import { providersSchema } from "./federation/provider.ts";
import type { SignInProvider } from "./federation/provider.ts";
import type { AdoptSessionHook } from "./http/adopt-session-hook.ts";
import { isProxyList } from "./http/client-address.ts";
import type { TrustedProxies } from "./http/client-address.ts";
import { MAIL_LANGUAGES } from "./mail/mail-draft.ts";
import type { MailLanguage } from "./mail/mail-draft.ts";
import { readFrom } from "./mail/mail-from.ts";
import type { MailTransport, SendMail } from "./mail/mail-message.ts";
import { readSmtpUrl } from "./mail/smtp-url.ts";
import { reportError } from "./report-error.ts";
import type { PasskeySettings } from "./second-factors/passkey-settings.ts";
import type { SessionBinding } from "./sessions/device-change.ts";
import type { ClaimsHook } from "./tokens/custom-claims.ts";
import { DIRECTORY_METHODS } from "./users/directory/user-directory.ts";
import type { UserDirectory } from "./users/directory/user-directory.ts";

/** A number of seconds, or text with a unit: `"90s"`, `"15m"`, `"12h"`, `"7d"`. */
export type Duration = number | string;

/** Everything `createOstiary` and `ostiary.config.ts` take. Each has a default but where the comment says so. */
export interface OstiaryConfig<Claims extends object = object> {
  /** TCP port of `ostiary start`. Default 4000. */
  port?: number | undefined;
  /** The URL people and guards know it by: lower case, no default port, no slash at its end. Default `http://localhost:<port>/auth`. */
  issuer?: string | undefined;
  /** Folder of the SQLite file, the generated secret and, outside production, a guard's credentials. Default `.ostiary`. */
  dataDir?: string | undefined;
  /** Where everything is kept: SQLite (`sqlite::memory:` forgets it at the end) or `postgres://…`. Default `sqlite:<dataDir>/ostiary.db`. */
  databaseUrl?: string | undefined;
  /** `redis://…`: the rotations of sessions happen in Redis then. Default: in the database, like everything else. */
  redisUrl?: string | undefined;
  /** Encrypts the keys at rest; at least 32 characters. Default: generated into `dataDir`; required in production. */
  secret?: string | undefined;
  /** The secret of before, until `ostiary secret rotate` has encrypted everything anew. Default: none. */
  previousSecret?: string | undefined;
  /** Who access tokens are for besides the issuer, who always is. Default: only the issuer. */
  audience?: string | string[] | undefined;
  /** What signs access tokens. Default `ES256`, or `HS256` where both token secrets are given. */
  signingAlgorithm?: Algorithm | undefined;
  /** How long a key signs. Default 90 days. */
  keyRotation?: Duration | undefined;
  /** How long a key is published at the least before it signs. Default 10 minutes, or `keyRotation` if that is less. */
  keyPublishAhead?: Duration | undefined;
  /** Signs access tokens with `HS*`: as its UTF-8 bytes, as long as the hash at the least. Default: a generated one. */
  accessTokenSecret?: string | undefined;
  /** Signs refresh tokens with HS256. Default: generated ones, which rotate like the other keys. */
  refreshTokenSecret?: string | undefined;
  /** How long an access token lives. Default 15 minutes. */
  accessTokenTtl?: Duration | undefined;
  /** How long a session lasts without being refreshed. Default 7 days. */
  refreshTokenTtl?: Duration | undefined;
  /** How long a session lasts in any case. Default 30 days. */
  sessionTtl?: Duration | undefined;
  /** Takes the place of `refreshTokenTtl` and `sessionTtl` with `remember: true`. Default 90 days. */
  rememberTtl?: Duration | undefined;
  /** How long a refresh token that was just rotated is answered with its successor. Default 10 seconds; 0 is strict. */
  rotationGrace?: Duration | undefined;
  /** What sessions are held to. */
  sessions?: {
    /** A refresh by another user agent, or from another network, ends the session. Default `none`: it is audited. */
    bind?: SessionBinding | undefined;
  } | undefined;
  /** `on`: each proof of possession has to have a fresh nonce of the server's (RFC 9449 §8). Default `off`. */
  dpopNonces?: "on" | "off" | undefined;
  /** Origins of browser apps that may use the cookies, besides the issuer's own. */
  allowedOrigins?: string | string[] | undefined;
  /** In code points, 8 to 64. Default 8; use 15 where the password is the only factor. */
  passwordMinLength?: number | undefined;
  /**
   * Random text of 32 characters or more that is hashed along with each password and kept outside the database. Of
   * several, the first is for new hashes, the others for those of before. Default: none. Losing it locks everyone out.
   */
  passwordPepper?: string | string[] | undefined;
  /** A file of passwords that nobody may take: one a line, or sorted SHA-1 hashes, which may have any size. */
  breachedPasswords?: string | undefined;
  /** How often something may be tried. `off` is for tests and refused in production. Default `on`. */
  limits?: "on" | "off" | LimitOptions | undefined;
  /**
   * The proxies whose X-Forwarded-For is believed: how many stand before the server, or their addresses and networks
   * (`10.0.0.0/8`, `loopback`). Default: none, and the header is ignored; in production that is to be said: `0`.
   */
  trustProxy?: number | string | string[] | undefined;
  /** How long the audit is kept. Default 400 days. */
  auditRetention?: Duration | undefined;
  /** `json`: every event of the audit also becomes a line on standard output. Default `off`. */
  log?: "off" | "json" | undefined;
  /** Whoever has it may read `/metrics`; at least 16 characters. Default: nobody may. */
  metricsToken?: string | undefined;
  /** The hosted pages. */
  pages?: {
    /** What the service is called on them. Default `Ostiary`. */
    name?: string | undefined;
    /** A file with its logo: svg, png, webp or jpg. */
    logo?: string | undefined;
    /** A file with CSS that comes after theirs, for their variables. */
    stylesheet?: string | undefined;
  } | undefined;
  passkeys?: {
    /** The domain that passkeys are bound to: the issuer's host, or one above it. When it is changed, all are lost. Default: the issuer's host. */
    rpId?: string | undefined;
    /** Whose pages may use them. Default: the allowed origins on that domain. */
    origins?: string | string[] | undefined;
  } | undefined;
  /**
   * Who may register clients by `POST /oauth/register`: nobody, whoever has an initial access token of yours, or everybody.
   * Default `off`.
   */
  dynamicRegistration?: "off" | "token" | "open" | undefined;
  /** Whether a client's id may be the https address of a document that it has of itself. Default `off`. */
  clientIdDocuments?: "on" | "off" | undefined;
  /** The scopes that clients may have that came by themselves. Default: openid, profile, email, offline_access. */
  selfRegisteredScopes?: string | string[] | undefined;
  /** For tests. Addresses that clients name may then be of this machine, and http. Refused in production. Default false. */
  dangerouslyFetchLoopback?: boolean | undefined;
  signup?: {
    /**
     * Sign-up answers alike whether somebody has the address or not, and the account is there once a mail was answered. Needs
     * `mail`. Without it sign-up signs in at once, and says that an address is taken. Default `off`.
     */
    concealExisting?: boolean | "on" | "off" | undefined;
  } | undefined;
  /**
   * How people are written to: `from`, and an SMTP server (`smtps://user:password@host`), a transport of nodemailer, or a
   * function of your own. Default: nobody is, and what goes by mail is off; `ostiary start` prints mails in development.
   */
  mail?: MailOptions | undefined;
  /** The scopes that each role brings. */
  scopes?: Record<string, string[]> | undefined;
  /** `required`: every client starts sign-ins by pushed requests (RFC 9126). Default `optional`: those that are registered so. */
  pushedRequests?: "optional" | "required" | undefined;
  /** Your own claims for access tokens. */
  claims?: ClaimsHook<Claims> | undefined;
  /** Your own table of users, in place of the server's. */
  users?: UserDirectory | undefined;
  /** Other issuers that people can sign in with, in the order of their buttons: `[google({ … }), github({ … })]`. */
  signInWith?: SignInProvider[] | undefined;
  /** Takes over people who are signed in to the system before this one. Default: they sign in once. */
  adoptSession?: AdoptSessionHook | undefined;
  /** Told of failures that have no caller to tell. Default: standard error. */
  onError?: ((error: unknown) => void) | undefined;
  /** For tests. Milliseconds since the epoch. */
  clock?: Clock | undefined;
  /** For tests. */
  random?: Random | undefined;
}

export interface MailOptions {
  /** Who mails are from: `id@example.com`, or `Example <id@example.com>`. */
  from: string;
  /** `smtps://user:password@host` or `smtp://…`; in code also a transport of nodemailer, or a function of your own. */
  transport: string | MailTransport | SendMail;
  /** Of mails that tell of something nobody asked for in a language of theirs. Default `en`. */
  language?: MailLanguage | undefined;
}

/** Each is one budget; the others stay as they are by default. */
export interface LimitOptions {
  /** Wrong passwords for one account. Default 5. */
  loginTries?: number | undefined;
  /** In so long; and for so long nothing more is tried after that, at first. Default 15 minutes. */
  loginWindow?: Duration | undefined;
  /** Wrong passwords from one address in the same time, whatever the accounts. Default 50. */
  addressTries?: number | undefined;
  /** New accounts from one address in an hour. Default 100. */
  signupTries?: number | undefined;
}

/** Names and types for `ostiary.config.ts`. */
export function defineConfig<Claims extends object = object>(config: OstiaryConfig<Claims>): OstiaryConfig<Claims> {
  return config;
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const DAY = UNITS.d;

function duration({ min, max }: { min: number; max: number }) {
  const mend = `must be a number of seconds or a text like "15m" (s, m, h, d), from ${min} to ${max} seconds`;
  return z
    .union([z.number(), z.string()], mend)
    .transform((value) => (typeof value === "number" ? value : secondsOf(value)))
    .pipe(z.int(mend).min(min, mend).max(max, mend))
    .meta({ kind: "duration", min, max });
}

function secondsOf(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text.trim());
  return match === null ? Number.NaN : Number(match[1]) * UNITS[(match[2] || "s") as keyof typeof UNITS];
}

function wholeNumber({ min, max }: { min: number; max: number }) {
  const mend = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(
    (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
    z.int(mend).min(min, mend).max(max, mend),
  ).meta({ kind: "whole number", min, max });
}

/** A list, or text separated by commas or spaces. */
const list = z
  .union([z.string(), z.array(z.string())], "must be a list, or a text separated by commas")
  .transform((value) => (typeof value === "string" ? value.split(/[\s,]+/).filter(Boolean) : value))
  .meta({ kind: "list" });

const ISSUER_MEND =
  "must be an http or https URL in its plain form, such as https://id.example.com/auth: " +
  "lower case, no default port, query, fragment, user name or slash at its end, and only letters, digits and -._~ in its path";
const issuer = z.string(ISSUER_MEND).refine((value) => isPlainUrl(value) && isIssuer(value), ISSUER_MEND);

/** Guards compare it character by character, and routes, cookies and well-known paths are made of its path. */
function isIssuer(value: string): boolean {
  const { href, origin, pathname } = new URL(value);
  const isCanonical = href === value || href === `${value}/`;
  return isCanonical && (value === origin || /^(?:\/[\w.~-]+)+$/.test(pathname));
}

const ORIGINS_MEND = "must be origins such as https://app.example.com, without path";
const origins = list.refine((values) => values.every((value) => isPlainUrl(value) && isOrigin(value)), ORIGINS_MEND);

function isPlainUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && !/[?#@\s]/.test(value);
}

function isOrigin(value: string): boolean {
  return URL.parse(value)?.origin === value;
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

const LIMITS_MEND =
  "must be on or off, or some of loginTries, addressTries, signupTries (1 to 1000000) and loginWindow (a minute to a day)";
const tries = wholeNumber({ min: 1, max: 1_000_000 });
const limits = z.union(
  [
    z.enum(["on", "off"]),
    z.strictObject({
      loginTries: tries.default(DEFAULT_LIMITS.loginTries),
      loginWindow: duration({ min: 60, max: DAY }).default(DEFAULT_LIMITS.loginWindow),
      addressTries: tries.default(DEFAULT_LIMITS.addressTries),
      signupTries: tries.default(DEFAULT_LIMITS.signupTries),
    }),
  ],
  LIMITS_MEND,
);

const FROM_MEND = "must be an address such as id@example.com, or Example <id@example.com>";
const from = z.string(FROM_MEND).transform((text, c) => {
  const address = readFrom(text);
  if (address !== null) return address;
  c.addIssue({ code: "custom", message: FROM_MEND });
  return z.NEVER;
});

const SMTP_MEND = "must be smtps://user:password@host or smtp://…, with nothing after the port";
const transport = z.custom<string | MailTransport | SendMail>((value) => {
  if (typeof value === "string") return readSmtpUrl(value) !== null;
  return typeof value === "function" || (typeof value === "object" && value !== null && typeof Reflect.get(value, "sendMail") === "function");
}, SMTP_MEND);

const PEPPER_MEND = "is too short to be safe: use the output of `npx ostiary secret`";

const PROXIES_MEND =
  "must be how many proxies stand before the server, 0 to 10, or their addresses and networks, such as 10.0.0.0/8";
const proxies = z.preprocess(
  (value) => (typeof value === "string" ? proxiesIn(value.trim()) : value),
  z.union([z.int().min(0).max(10), z.array(z.string()).refine(isProxyList)], PROXIES_MEND).optional(),
).meta({ kind: "whole number or list" }) satisfies z.ZodType<TrustedProxies | undefined>;

/** Compose files and the like set it to nothing rather than not at all: nothing is said then. */
function proxiesIn(text: string): number | string[] | undefined {
  if (text === "") return undefined;
  return /^\d+$/.test(text) ? Number(text) : text.split(/[\s,]+/).filter(Boolean);
}

/** A token counts only by a key of its own algorithm, whatever else is in this list. */
export const SIGNING_ALGORITHMS = [
  ...(["ES256", "ES384", "ES512", "Ed25519", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["HS256", "HS384", "HS512"] as const),
] satisfies Algorithm[];

const BINDINGS = ["none", "user-agent", "network"] as const satisfies SessionBinding[];

const REDIS_MEND = "must be redis://… or rediss://…; of a cluster also several, with commas between";

function isRedisUrl(value: string): boolean {
  return value.split(",").every((one) => /^rediss?:\/\/./.test(one) && URL.canParse(one));
}

export const configSchema = z.strictObject({
  port: wholeNumber({ min: 1, max: 65_535 }).default(4000),
  issuer: issuer.optional(),
  dataDir: z.string().min(1, "must name a folder").default(".ostiary"),
  databaseUrl: z
    .string()
    .regex(/^(?:sqlite:.|postgres(?:ql)?:\/\/.)/, "must be sqlite:<path of the file> or postgres://…")
    .optional(),
  redisUrl: z.string().refine(isRedisUrl, REDIS_MEND).optional(),
  secret: z
    .string()
    .min(32, { error: "is too short to be safe: set it to the output of `npx ostiary secret`", abort: true })
    .refine((value) => new Set(value).size >= 12, "is too regular to be safe: use the output of `npx ostiary secret`")
    .optional(),
  previousSecret: z.string().min(1, "must not be empty").optional(),
  audience: list.refine((values) => values.length > 0 && values.every(Boolean), "must not be empty").optional(),
  signingAlgorithm: z.enum(SIGNING_ALGORITHMS, `must be one of ${SIGNING_ALGORITHMS.join(", ")}`).optional(),
  keyRotation: duration({ min: 2, max: 3660 * DAY }).default(90 * DAY),
  keyPublishAhead: duration({ min: 1, max: 30 * DAY }).optional(),
  accessTokenSecret: z.string().optional(),
  refreshTokenSecret: z.string().optional(),
  accessTokenTtl: duration({ min: 5, max: DAY }).default(15 * UNITS.m),
  refreshTokenTtl: duration({ min: 10, max: 366 * DAY }).default(7 * DAY),
  sessionTtl: duration({ min: 10, max: 3660 * DAY }).default(30 * DAY),
  rememberTtl: duration({ min: 10, max: 3660 * DAY }).default(90 * DAY),
  rotationGrace: duration({ min: 0, max: 60 }).default(10),
  sessions: z
    .strictObject({ bind: z.enum(BINDINGS, `must be one of ${BINDINGS.join(", ")}`).default("none") })
    .prefault({}),
  dpopNonces: z.enum(["on", "off"], "must be on or off").default("off"),
  allowedOrigins: origins.default([]),
  passwordMinLength: wholeNumber({ min: 8, max: 64 }).default(8),
  passwordPepper: list.refine((peppers) => peppers.every((pepper) => pepper.length >= 32), PEPPER_MEND).default([]),
  breachedPasswords: z.string().min(1, "must name a file").optional(),
  limits: limits.default("on"),
  trustProxy: proxies,
  auditRetention: duration({ min: DAY, max: 3660 * DAY }).default(400 * DAY),
  log: z.enum(["off", "json"], "must be off or json").default("off"),
  metricsToken: z.string().regex(/^[\w.~+/=-]{16,}$/, "must have at least 16 letters, digits and -._~+/=").optional(),
  pages: z
    .strictObject({
      name: z.string().trim().min(1, "must not be empty").max(60, "must have at most 60 characters").default("Ostiary"),
      logo: z.string().regex(/\.(?:svg|png|webp|jpe?g)$/i, "must name a file: svg, png, webp or jpg").optional(),
      stylesheet: z.string().regex(/\.css$/i, "must name a .css file").optional(),
    })
    .prefault({}),
  passkeys: z.strictObject({ rpId: z.string().regex(DOMAIN, "must be a domain such as example.com").optional(), origins: origins.optional() }).prefault({}),
  dynamicRegistration: z.enum(["off", "token", "open"], "must be off, token or open").default("off"),
  clientIdDocuments: z.enum(["on", "off"], "must be on or off").default("off"),
  selfRegisteredScopes: list.refine((scopes) => scopes.every(isScope), "must be scope names").default([...OPENID_SCOPES]),
  dangerouslyFetchLoopback: z.boolean("must be true or false").default(false),
  signup: z
    .strictObject({ concealExisting: z.union([z.boolean(), z.enum(["on", "off"])], "must be on or off").default(false).transform((value) => value === true || value === "on") })
    .prefault({}),
  mail: z
    .strictObject({ from, transport, language: z.enum(MAIL_LANGUAGES, `must be one of ${MAIL_LANGUAGES.join(", ")}`).default("en") })
    .optional(),
  scopes: z.record(z.string(), z.array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, "must be scope names"))).default({}),
  pushedRequests: z.enum(["optional", "required"], "must be optional or required").default("optional"),
  claims: callback<ClaimsHook>().optional(),
  users: z.custom<UserDirectory>(isDirectory, `must be an object with the functions ${DIRECTORY_METHODS.join(", ")}`).optional(),
  signInWith: providersSchema.default([]),
  adoptSession: callback<AdoptSessionHook>().optional(),
  onError: callback<(error: unknown) => void>().default(() => reportError),
  clock: callback<Clock>().default(() => systemClock),
  random: z.custom<Random>((value) => typeof value === "object" && value !== null).default(systemRandom),
});

function isScope(value: string): boolean {
  return /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(value);
}

function isDirectory(value: unknown): boolean {
  return typeof value === "object" && value !== null && DIRECTORY_METHODS.every((name) => typeof Reflect.get(value, name) === "function");
}

function callback<Signature>() {
  return z.custom<Signature>((value) => typeof value === "function", "must be a function").meta({ kind: "function" });
}

/** The settings in force. Durations in seconds. */
export interface Settings extends Omit<z.output<typeof configSchema>, "audience" | "signingAlgorithm" | "keyPublishAhead" | "passkeys"> {
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
