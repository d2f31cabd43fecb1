import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { auditEvent } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { MailDraft } from "../mail/mail-draft.ts";
import type { User } from "../users/user.ts";
import { hashOf } from "./hash-of.ts";
import type { IssuedTokens, SessionDeps } from "./session-deps.ts";
import { issueTokens } from "./session-deps.ts";
import type { Device, Session, SignInMethod } from "./session.ts";

/**
 * Begins a session for a user who has just proved who they are, or whom the application vouches for.
 * Throws `invalid_credentials` if the password was changed or the user disabled in the meantime, `unavailable` if the
 * claims hook fails.
 */
export async function createSession(
  deps: SessionDeps,
  user: User,
  options: NewSessionOptions & SignInProof & {
    audit: "signup" | "login" | "session_adopted";
    proof?: ForeignProof;
    /** What the user is written of it. */
    mail?: MailDraft | undefined;
  },
): Promise<IssuedTokens> {
  const { proof } = options;
  const session = newSession(deps, user, { ...proofIn(options), ...options });
  const { id, remember, device } = session;
  const who = { userId: user.id, sessionId: id };
  const detail = { remember, device: device.label, ...(proof === undefined ? {} : { with: proof.provider }) };
  const audit = auditEvent(options.audit, session.createdAt, device, who, detail, options.mail);
  // Asked first: a session that nobody got the tokens of would stay behind if the hook failed.
  let own = await deps.accessTokens.ownClaims(user, session);
  const current = await deps.store.create(session, user.passwordHash, audit);
  if (current === null) throw new OstiaryError("invalid_credentials", "Wrong e-mail or password.");
  if (!deps.accessTokens.isCurrent(own, current)) own = await deps.accessTokens.ownClaims(current, session);
  return issueTokens(deps, session, current, own);
}

function proofIn({ audit, proof }: { audit: string; proof?: ForeignProof }): SignInProof {
  // When and how people proved who they are to an earlier system, nobody here knows: too long ago for whoever asks.
  if (audit === "session_adopted") return { methods: [], authTime: 0 };
  return proof === undefined ? {} : { methods: ["fed"], authTime: proof.at };
}

/** How and when the user proved who they are; by a password and just now if that is not told. */
export interface SignInProof {
  readonly methods?: readonly SignInMethod[];
  /** In milliseconds since the epoch; 0 if nobody knows. */
  readonly authTime?: number;
}

/** What is known of a session before it begins. */
export interface NewSessionOptions {
  readonly remember: boolean;
  readonly deviceCookie: string | null;
  readonly device: Device;
  /** The key that it is bound to, by its thumbprint: nobody refreshes or ends it without a proof by that. */
  readonly proofKey: string | null;
}

/** Who it is, another issuer has said. */
export interface ForeignProof {
  readonly provider: string;
  /** When they proved it there, in milliseconds since the epoch; 0 if it does not tell. */
  readonly at: number;
}

/** What a client of OAuth was granted: the session it refreshes is its own. */
export interface ClientGrant {
  readonly sessionId: string;
  readonly clientId: string;
  /** Separated by spaces. */
  readonly scope: string;
  /** Resource indicators separated by spaces; null for the configured audience. */
  readonly audience: string | null;
  /** When and how the user proved who they are, in the session in which they allowed it. */
  readonly authTime: number;
  readonly methods: readonly SignInMethod[];
}

/** A row that is not stored yet. */
export function newSession(
  { clock, random, keyring, policy }: Pick<SessionDeps, "clock" | "random" | "keyring" | "policy">,
  user: Pick<User, "id">,
  options: NewSessionOptions & SignInProof & { grant?: ClientGrant },
): Session {
  const now = clock();
  const { grant } = options;
  const lifetimeSeconds = options.remember ? policy.rememberSeconds : policy.absoluteSeconds;
  return {
    id: grant?.sessionId ?? random.uuid(),
    userId: user.id,
    clientId: grant?.clientId ?? FIRST_PARTY_CLIENT_ID,
    generation: 0,
    secret: random.bytes(32),
    refreshKeyId: keyring.refreshKeyId,
    retired: [],
    rotationKeyHash: null,
    lateGeneration: null,
    deviceHash: options.deviceCookie === null ? null : hashOf(options.deviceCookie),
    createdAt: now,
    rotatedAt: now,
    expiresAt: now + lifetimeSeconds * 1000,
    idleSeconds: options.remember ? policy.rememberSeconds : policy.idleSeconds,
    remember: options.remember,
    authTime: grant?.authTime ?? options.authTime ?? now,
    methods: grant?.methods ?? options.methods ?? ["pwd"],
    device: options.device,
    scope: grant?.scope ?? null,
    audience: grant?.audience ?? null,
    proofKey: options.proofKey,
    revokedAt: null,
    revokedReason: null,
  };
}
