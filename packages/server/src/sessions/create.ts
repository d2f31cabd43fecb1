import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import { auditEvent } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { User } from "../users/user.ts";
import { hashOf } from "./hash-of.ts";
import type { IssuedTokens, SessionDeps } from "./session-deps.ts";
import { issueTokens } from "./session-deps.ts";
import type { Device, Session } from "./session.ts";

/**
 * Begins a session for a user who has just proved who they are, or whom the application vouches for.
 * Throws `invalid_credentials` if the password was changed or the user disabled in the meantime, `unavailable` if the
 * claims hook fails.
 */
export async function createSession(
  deps: SessionDeps,
  user: User,
  options: { remember: boolean; deviceCookie: string | null; device: Device; audit: "signup" | "login" | "session_adopted" },
): Promise<IssuedTokens> {
  // When people proved who they are to an earlier system, nobody here knows: too long ago for whoever asks.
  const authTime = options.audit === "session_adopted" ? { authTime: 0 } : {};
  const session = newSession(deps, user, { ...options, ...authTime });
  const { id, remember, device } = session;
  const who = { userId: user.id, sessionId: id };
  const audit = auditEvent(options.audit, session.createdAt, device, who, { remember, device: device.label });
  // Asked first: a session that nobody got the tokens of would stay behind if the hook failed.
  let own = await deps.accessTokens.ownClaims(user, session);
  const current = await deps.store.create(session, user.passwordHash, audit);
  if (current === null) throw new OstiaryError("invalid_credentials", "Wrong e-mail or password.");
  if (!deps.accessTokens.isCurrent(own, current)) own = await deps.accessTokens.ownClaims(current, session);
  return issueTokens(deps, session, current, own);
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
  readonly method: Session["method"];
}

/** A row that is not stored yet. */
export function newSession(
  { clock, random, keyring, policy }: Pick<SessionDeps, "clock" | "random" | "keyring" | "policy">,
  user: Pick<User, "id">,
  options: { remember: boolean; deviceCookie: string | null; device: Device; authTime?: number; grant?: ClientGrant },
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
    method: grant?.method ?? "pwd",
    device: options.device,
    scope: grant?.scope ?? null,
    audience: grant?.audience ?? null,
    revokedAt: null,
    revokedReason: null,
  };
}
