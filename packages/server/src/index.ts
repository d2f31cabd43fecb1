/** Ostiary: JWT authentication. An auth server to embed (`createOstiary`) or to run (`npx ostiary start`). */
export type { ClientWithSecret, Clients, PublicClient } from "./clients/clients.ts";
export type { NewClient } from "./clients/create-client.ts";
export type {
  NewRegistrationToken,
  PublicRegistrationToken,
  RegistrationTokens,
} from "./clients/self-registered/initial-access-tokens.ts";
export { OstiaryError, StartError } from "./errors.ts";
export type { SignInProvider } from "./federation/provider.ts";
export { auth0, github, google, keycloak, oidc } from "./federation/providers.ts";
export type { GitHubOptions, OidcOptions, ProviderOptions } from "./federation/providers.ts";
export type { AdoptedSession, AdoptSessionHook } from "./http/adopt-session-hook.ts";
export type { Keys, KeySummary, RotatedPurpose } from "./keys/keys.ts";
export type { MailAddress, MailMessage, MailTransport, SendMail } from "./mail/mail-message.ts";
export { defineConfig } from "./ostiary-config.ts";
export type { Duration, MailOptions, OstiaryConfig } from "./ostiary-config.ts";
export type { Ostiary } from "./ostiary.ts";
export { createOstiary } from "./server.ts";
export type { SessionHistory } from "./sessions/history.ts";
export type { SessionSummary } from "./sessions/session-summary.ts";
export type { Sessions } from "./sessions/sessions.ts";
export type { ClaimsHook, ClaimsSession, ClaimsUser } from "./tokens/custom-claims.ts";
export type { NewUser } from "./users/create-user.ts";
export type { DirectoryUser, NewDirectoryUser, UserChanges, UserDirectory } from "./users/directory/user-directory.ts";
export type { PublicUser, Users } from "./users/users.ts";
