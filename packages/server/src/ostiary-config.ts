import type { Algorithm } from "@ostiary/jwt";
import type { Clock } from "./clock.ts";
import type { SignInProvider } from "./federation/provider.ts";
import type { AdoptSessionHook } from "./http/adopt-session-hook.ts";
import type { MailLanguage } from "./mail/mail-draft.ts";
import type { MailTransport, SendMail } from "./mail/mail-message.ts";
import type { Random } from "./random.ts";
import type { SessionBinding } from "./sessions/device-change.ts";
import type { ClaimsHook } from "./tokens/custom-claims.ts";
import type { UserDirectory } from "./users/directory/user-directory.ts";

/** A number of seconds, or text with a unit: `"90s"`, `"15m"`, `"12h"`, `"7d"`. */
export type Duration = number | string;

/** Everything `createOstiary` and `ostiary.config.ts` take. Each has a default but where the comment says so. */
export interface OstiaryConfig<Claims extends object = object> {
  /** TCP port of `ostiary start`. Default 4000. */
  port?: number | undefined;
  /**
   * The URL people and guards know it by: lower case, no default port, no slash at its end.
   * Default `http://localhost:<port>/auth`.
   */
  issuer?: string | undefined;
  /** Folder of the SQLite file, the generated secret and, outside production, a guard's credentials. Default `.ostiary`. */
  dataDir?: string | undefined;
  /**
   * Where everything is kept: SQLite (`sqlite::memory:` forgets it at the end) or `postgres://…`.
   * Default `sqlite:<dataDir>/ostiary.db`.
   */
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
    /**
     * The domain that passkeys are bound to: the issuer's host, or one above it. When it is changed, all are lost.
     * Default: the issuer's host.
     */
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
