import type { FederationProblem } from "../../federation/provider-client.ts";
import type { OPENID_SCOPES } from "../../tokens/scope-names.ts";
import type { ByMailTexts } from "./by-mail.ts";
import type { TwoStepTexts } from "./two-steps.ts";

/** Every text of the hosted pages. A language is one table of these, and lacks none. */
export interface Texts {
  /** What the language calls itself. */
  readonly language: string;
  readonly languages: string;
  readonly skip: string;
  /** Stands before a page's title when something in its form is to be mended. */
  readonly errorTitle: (title: string) => string;
  readonly errorHeading: string;

  readonly signIn: string;
  readonly signInTo: (service: string) => string;
  readonly signInAction: string;
  readonly signUp: string;
  readonly signUpTo: (service: string) => string;
  readonly signUpAction: string;
  readonly signedIn: string;
  /** To the app that they came from, by its name or host. */
  readonly goOnTo: (app: string) => string;
  /** On a page that goes on by itself at once. */
  readonly oneMoment: string;
  /** Before somebody is led to an address that nobody vouches for: the host stands below. */
  readonly leaving: string;
  readonly leavingCaution: string;
  readonly goOn: string;
  readonly noAccount: string;
  readonly haveAccount: string;

  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly optional: string;
  readonly remember: string;
  readonly showPassword: string;
  readonly hidePassword: string;
  readonly passwordLength: (min: number) => string;
  /** From weak to strong; what the script shows while a new password is typed. */
  readonly passwordStrength: readonly [string, string, string, string];

  /** Between the form and the buttons of other providers. */
  readonly or: string;
  readonly continueWith: (provider: string) => string;
  /** Where there is an account with the e-mail that a provider has told. */
  readonly linkTitle: (provider: string) => string;
  readonly linkText: (provider: string) => string;
  readonly linkAction: string;
  readonly linkOther: string;
  readonly withDenied: (provider: string) => string;
  readonly withFailed: (provider: string) => string;
  readonly withProblems: Readonly<Record<FederationProblem, (provider: string) => string>>;

  readonly account: string;
  readonly profile: string;
  readonly profileHint: string;
  readonly save: string;
  readonly passwordHint: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly changePassword: string;
  readonly noPasswordHint: string;
  readonly setPassword: string;
  readonly ways: string;
  readonly waysHint: string;
  readonly connect: (provider: string) => string;
  readonly disconnect: string;
  readonly disconnectFrom: (provider: string) => string;
  readonly connectedOn: (date: string) => string;
  readonly lastWayIn: string;
  readonly signInAgainFirst: string;
  readonly signInByPasswordFirst: string;
  readonly signInAgain: string;
  readonly devices: string;
  readonly devicesHint: string;
  readonly onlyHere: string;
  readonly thisDevice: string;
  readonly unknownDevice: string;
  readonly activeNow: string;
  readonly lastUsed: (when: string) => string;
  readonly since: (date: string) => string;
  readonly signOut: string;
  readonly signOutDevice: (device: string) => string;
  readonly signOutOthers: string;
  readonly signOutAll: string;
  readonly justNow: string;
  readonly apps: string;
  readonly appsHint: string;
  readonly noApps: string;
  /** What an app may see or do, joined. */
  readonly appMay: (what: string) => string;
  /** Of the scopes that OpenID Connect gives a meaning to; others are shown as they are. */
  readonly appScopes: Readonly<Record<"profile" | "email" | "offline_access", string>>;
  readonly allowedOn: (date: string) => string;
  readonly withdraw: string;
  readonly withdrawFrom: (app: string) => string;

  readonly signOutOf: (service: string) => string;
  readonly signOutAsked: string;
  readonly signOutAskedBy: (app: string) => string;
  readonly staySignedIn: string;
  readonly signedOut: string;
  readonly signedOutText: string;

  readonly twoSteps: TwoStepTexts;

  readonly notices: Readonly<Record<NoticeName, string>>;

  readonly consentTitle: (app: string, service: string) => string;
  readonly consentAsks: string;
  /** What each scope of OpenID Connect lets an app do. */
  readonly consentScopes: Readonly<Record<(typeof OPENID_SCOPES)[number], string>>;
  /** The same of a scope of some API, whose name is all that is known of it. */
  readonly consentScope: (scope: string) => string;
  readonly consentNothing: string;
  /** The APIs that it is for. */
  readonly consentFor: (apis: string) => string;
  readonly consentLeadsTo: (host: string) => string;
  readonly consentLeadsToDevice: string;
  readonly consentCaution: string;
  /** Of an app that registered itself. */
  readonly consentStranger: string;
  /** Of an app whose id is the address of its document: the host stands above. */
  readonly consentDocument: string;
  readonly appTerms: string;
  readonly appPrivacy: string;
  readonly consentAllow: string;
  readonly consentDeny: string;
  readonly otherAccount: string;

  /** Where the code of a device without a browser is typed. */
  readonly deviceTitle: string;
  readonly deviceCode: string;
  readonly deviceCodeHint: string;
  readonly deviceCodeWrong: string;
  readonly deviceContinue: string;
  readonly deviceCaution: string;
  /** Stands above the code. */
  readonly deviceCompare: string;
  readonly deviceAsked: (when: string) => string;
  readonly deviceAllowed: { readonly title: string; readonly text: string };
  readonly deviceDenied: { readonly title: string; readonly text: string };

  readonly invalidCredentials: string;
  readonly emailMissing: string;
  readonly emailInvalid: string;
  readonly emailTaken: string;
  readonly passwordMissing: string;
  readonly passwordInvalid: string;
  readonly passwordTooShort: (min: number) => string;
  readonly passwordTooLong: string;
  readonly currentPasswordWrong: string;
  readonly nameInvalid: string;
  readonly tooManyAttempts: (wait: string) => string;
  readonly unavailable: string;
  readonly formExpired: string;
  readonly failed: string;

  readonly errors: Readonly<Record<ErrorPageName, { readonly title: string; readonly text: string }>>;
  readonly toAccount: string;
  readonly toSignIn: string;
  readonly tryAgain: string;
  readonly byMail: ByMailTexts;
}

/** What a page may say about what was just done; also the value in its address. */
export const NOTICES = [
  "signed-out",
  "signed-out-everywhere",
  "session-ended",
  "profile-saved",
  "password-changed",
  "device-signed-out",
  "others-signed-out",
  "access-withdrawn",
  "identity-linked",
  "identity-unlinked",
  "password-set",
  "mail-sent",
  "sign-in-expired",
  "authenticator-added",
  "authenticator-removed",
  "passkey-added",
  "passkey-renamed",
  "passkey-removed",
] as const;
export type NoticeName = (typeof NOTICES)[number];

export type ErrorPageName = "notFound" | "forbidden" | "badRequest" | "tooMany" | "unavailable" | "broken" | "authorization";
