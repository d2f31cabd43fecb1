import type { AuditEvent } from "../audit/audit-event.ts";

/** What an authorization has granted to a client: a code is exchanged for it (OAuth 2.1 §4.1). Times in milliseconds. */
export interface AuthorizationCode {
  /** SHA-256 of the code, base64url; the code itself nobody has but the client. */
  readonly hash: string;
  readonly clientId: string;
  readonly userId: string;
  /** The session of the browser in which the user was asked: the `sid` of the ID token. */
  readonly signOnId: string;
  /** The session that the code begins, if the client may refresh: made up in advance, so that a replay finds it. */
  readonly sessionId: string;
  /** The `jti` of the access token that the code is exchanged for, for the same reason. */
  readonly jti: string;
  readonly redirectUri: string;
  /** Base64url of the SHA-256 of the verifier (RFC 7636 §4.2). */
  readonly codeChallenge: string;
  readonly scopes: readonly string[];
  /** Resource indicators (RFC 8707); empty: the configured audience. */
  readonly resources: readonly string[];
  readonly nonce: string | null;
  /** Thumbprint of the key without which it is not exchanged (RFC 9449 §10); null for any, or none. */
  readonly proofKey: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly redeemedAt: number | null;
}

/** A session that a client refreshes, and the sign-on that it came from. */
export interface Grant {
  readonly sessionId: string;
  readonly signOnId: string;
  readonly clientId: string;
  /** When its session is over in any case, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A client that is to be told that a session has ended (OIDC Back-Channel Logout 1.0). */
export interface LogoutNotice {
  readonly signOnId: string;
  readonly clientId: string;
  readonly userId: string;
  /** How often it was tried before. */
  readonly tries: number;
  /** When the session was seen to be over, in milliseconds since the epoch. */
  readonly endedAt: number;
}

/** The token that a code was exchanged for. */
export interface CodeToken {
  readonly jti: string;
  readonly userId: string;
  /** The session of the browser. */
  readonly signOnId: string;
}

/** A code as it is found. */
export interface KeptCode extends AuthorizationCode {
  /** When it was found to be in two hands; null if it is not known to be. */
  readonly replayedAt: number | null;
}

/** What is written along with a code when it is given out. */
export interface CodeIssue {
  /** The client will know of the session by its ID token: noted before anybody has that. Null if it will not. */
  readonly signOn: SignOn | null;
  readonly audit: AuditEvent;
}

/** Authorization codes, each good for one exchange. */
export interface CodeStore {
  keep(code: AuthorizationCode, along?: CodeIssue): Promise<void>;
  /** Marks it replayed; again changes nothing. */
  noteReplay(hash: string, at: number): Promise<void>;
  /** Also one that was redeemed or has expired, until it is dropped. */
  find(hash: string): Promise<KeptCode | null>;
  /** Marks it redeemed. True for exactly one caller, however many there are at once. */
  redeem(hash: string, at: number): Promise<boolean>;
  /** What codes of a client, of one user or of all, were exchanged for; of codes that expire after `expiringAfter`. */
  tokensOf(of: { clientId: string; userId?: string }, expiringAfter: number): Promise<readonly CodeToken[]>;
}

/** What users have allowed clients to do: asked once for the same client and scopes. */
export interface ConsentStore {
  /** The scopes allowed so far, in order of the alphabet; empty if the user was never asked. */
  find(userId: string, clientId: string): Promise<readonly string[]>;
  /** Adds the scopes to those allowed before. */
  allow(userId: string, clientId: string, scopes: readonly string[], at: number, audit: AuditEvent): Promise<void>;
  /** Codes that were not redeemed yet are gone with it, also where there was none: then false. */
  withdraw(userId: string, clientId: string, audit: AuditEvent): Promise<boolean>;
  list(userId: string): Promise<readonly Consent[]>;
}

export interface Consent {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly at: number;
}

/** Which clients know of which sessions: whom to tell when one ends. */
export interface SignOnStore {
  /** The client has an ID token of the session from now on. Noting it again changes nothing. */
  note(signOn: SignOn): Promise<void>;
  keepGrant(grant: Grant): Promise<void>;
  findGrant(sessionId: string): Promise<Grant | null>;
  /** Sessions that the client refreshes itself and that were not ended, of whichever user. */
  sessionsOf(clientId: string, limit: number): Promise<readonly { id: string; userId: string }[]>;
  /** The session that the client's sign-on hangs on now, if it was noted: another once the user has signed in anew. */
  sessionOf(signOnId: string, clientId: string): Promise<string | null>;
  /**
   * Looks which sessions are over, in any way and by any process: of one session, of one user, or of all. Their clients
   * are due to be told from then on, once. Tells how many became due.
   */
  markEnded(of: { sessionId: string } | { userId: string } | "all", at: number): Promise<number>;
  /**
   * Notices that are due, oldest first, but for clients that are not to be told now. Whoever is given one has it for
   * `leaseMs`: then it is due again, unless settled. `of`: those of clients that came by themselves, or all the others.
   */
  takeDue(
    now: number,
    leaseMs: number,
    limit: number,
    except?: readonly string[],
    of?: "strangers" | "others",
  ): Promise<readonly LogoutNotice[]>;
  /** Delivered, or given up: null. Else it is due again then. */
  settle(notice: LogoutNotice, retryAt: number | null): Promise<void>;
}

/** A client that was told who is signed in, in one session. */
export interface SignOn {
  readonly signOnId: string;
  readonly clientId: string;
  readonly userId: string;
  /** When the session is over in any case, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Values that are good for one use: the `jti` of an assertion, or of a proof. */
export interface OnceStore {
  /** True for exactly one caller until `expiresAt`. */
  use(value: string, expiresAt: number): Promise<boolean>;
  /** Drops up to `limit` that expired before `before`. Tells how many were dropped. */
  dropExpired(before: number, limit: number): Promise<number>;
}

/** What a client has pushed ahead of its user (RFC 9126). */
export interface PushedRequest {
  /** SHA-256 of its `request_uri`, base64url. */
  readonly hash: string;
  readonly clientId: string;
  /** What the client asks for, as in a query. */
  readonly parameters: string;
  /** In milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Pushed requests, each good for one answer. */
export interface PushedRequestStore {
  keep(request: PushedRequest): Promise<void>;
  /**
   * The request, if it is this client's, not over and not used up. Whoever comes with it first has it until `openUntil`,
   * and with them whoever comes later.
   */
  open(hash: string, clientId: string, at: number, openUntil: number): Promise<PushedRequest | null>;
  /** Uses it up. True for exactly one caller, however many there are at once. */
  use(hash: string, at: number): Promise<boolean>;
}

/** What a device without a browser has asked for (RFC 8628). Times in milliseconds. */
export interface DeviceRequest {
  /** SHA-256 of the device code, base64url. */
  readonly hash: string;
  /** What the device shows, without its dash. It authorises nothing by itself. */
  readonly userCode: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Resource indicators (RFC 8707); empty: the configured audience. */
  readonly resources: readonly string[];
  /** Where it came from, for whoever decides. */
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** How long the device is to wait between two questions. */
  readonly intervalSeconds: number;
  /** When it last asked. */
  readonly polledAt: number | null;
  readonly decision: "allow" | "deny" | null;
}

/** Requests of devices, each decided on once. */
export interface DeviceRequestStore {
  /** False, with nothing kept, if the user code is another's. */
  keep(request: DeviceRequest): Promise<boolean>;
  find(hash: string): Promise<DeviceRequest | null>;
  findByUserCode(userCode: string): Promise<DeviceRequest | null>;
  /**
   * Notes that the device has asked; `pace` says how long it is to wait from now on. What it was before, or null if there
   * is none.
   */
  poll(hash: string, at: number, pace: (request: DeviceRequest) => number): Promise<DeviceRequest | null>;
  /** Allows it, and keeps what was allowed. False, with nothing changed, if it was decided on before. */
  allow(code: AuthorizationCode, along: CodeIssue): Promise<boolean>;
  deny(hash: string, audit: AuditEvent): Promise<boolean>;
}

/** Each method is one transaction, its audit events included. */
export interface OAuthStore {
  readonly codes: CodeStore;
  readonly consents: ConsentStore;
  readonly signOns: SignOnStore;
  readonly once: OnceStore;
  readonly pushed: PushedRequestStore;
  readonly devices: DeviceRequestStore;
  /** Drops up to `limit` rows of each kind that were over before `before`. Tells the most of one kind that were dropped. */
  dropExpired(before: number, limit: number): Promise<number>;
  /** The same of requests, pushed ones and those of devices. */
  dropRequests(before: number, limit: number): Promise<number>;
}
