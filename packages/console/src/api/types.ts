/** What the administrators' API answers with; its OpenAPI document says more. Times in ISO 8601. */

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly disabledAt: string | null;
  readonly createdAt: string;
}

/** An account elsewhere that lets a user in. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly label: string | null;
  readonly linkedAt: string;
}

/** What a user has for the second step of signing in. */
export interface SecondFactors {
  readonly totp: boolean;
  readonly passkeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly createdAt: string;
    readonly lastUsedAt: string | null;
  }[];
  readonly recoveryCodesLeft: number;
}

export interface UserWithWays {
  readonly user: User;
  readonly identities: readonly Identity[];
  readonly secondFactors: SecondFactors;
}

export interface Device {
  readonly label: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly device: Device;
  readonly remember: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  readonly endReason: string | null;
}

export interface Actor {
  readonly id: string;
  readonly email: string;
}

interface Noteworthy {
  readonly at: string;
  readonly until: string;
  readonly count: number;
  readonly generation: number;
  readonly device: Device;
  readonly healedFrom: number | null;
  readonly changed: Readonly<Record<string, { readonly from?: string | null; readonly to?: string | null }>> | null;
}

export type Step =
  | {
      readonly kind: "begin";
      readonly at: string;
      readonly how: "login" | "signup" | "session_adopted";
      readonly device: Device;
      readonly remember: boolean;
    }
  | ({ readonly kind: "rotations" } & Noteworthy)
  | ({ readonly kind: "repeats"; readonly presented: number; readonly late: boolean } & Noteworthy)
  | {
      readonly kind: "theft";
      readonly at: string;
      readonly presented: number;
      readonly generation: number;
      readonly presentedBy: Device;
      readonly lastRotatedBy: Device;
    }
  | {
      readonly kind: "end";
      readonly at: string;
      readonly reason: string;
      readonly device: Device | null;
      readonly by: Actor | null;
    }
  | { readonly kind: "other"; readonly at: string; readonly type: string; readonly device: Device };

export interface Lineage {
  readonly session: Session | null;
  readonly user: User | null;
  readonly steps: readonly Step[];
  readonly omitted: number;
}

export interface Key {
  readonly kid: string;
  readonly purpose: "access" | "refresh" | "browser";
  readonly algorithm: string;
  readonly origin: string;
  readonly state: "upcoming" | "active" | "retiring" | "gone";
  readonly createdAt: string;
  readonly activatesAt: string | null;
  readonly activatedAt: string | null;
  readonly retiredAt: string | null;
  readonly goneAt: string | null;
  readonly compromised: boolean;
}

/** Among the grants of a client: devices without a browser (RFC 8628 §3.4). */
export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** What a client may do by OAuth. */
export interface Registration {
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethod: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly firstParty: boolean;
  readonly backchannelLogoutUri: string | null;
  readonly dpopBoundAccessTokens: boolean;
  readonly requirePushedAuthorizationRequests: boolean;
}

export interface Client {
  readonly clientId: string;
  readonly name: string;
  readonly guard: boolean;
  readonly registration: Registration | null;
  /** How it came by itself; null if an administrator made it. */
  readonly selfRegistered: {
    readonly way: "request" | "document";
    readonly ip: string | null;
    readonly clientUri: string | null;
    readonly usedAt: string | null;
  } | null;
  readonly createdAt: string;
}

export type KeyOwner = { readonly userId: string } | { readonly clientId: string };

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly withRoles: boolean;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly previousUntil: string | null;
  readonly revokedAt: string | null;
}

export interface AuditEvent {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly users: Readonly<Record<string, string>>;
  readonly next: string | null;
  /** The number of the newest event of all. */
  readonly last: number;
}

export type SeriesName = "signIns" | "failures" | "refreshes" | "thefts" | "revocations";
export type Range = "day" | "week" | "month";

export interface Counted {
  readonly count: number;
  readonly orMore: boolean;
}

export interface Overview {
  readonly range: Range;
  readonly intervalSeconds: number;
  readonly intervals: readonly { readonly from: string; readonly counts: Readonly<Record<SeriesName, number>> }[];
  readonly users: Counted;
  readonly sessions: Counted;
  readonly revocationLog: { readonly seq: number; readonly readAt: string };
  readonly guards: readonly {
    readonly clientId: string;
    readonly name: string;
    readonly since: string;
    readonly live: boolean;
    readonly silentSeconds: number;
    readonly waitingBytes: number;
  }[];
}
