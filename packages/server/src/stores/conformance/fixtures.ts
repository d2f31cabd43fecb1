/** Rows for the suite, and the real protocol to drive the stores with. */
import type { ApiKey, ApiKeyOwner } from "../../api-keys/api-key.ts";
import { newKeyId } from "../../api-keys/key-text.ts";
import { auditEvent, LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import type { Client } from "../../clients/client.ts";
import type { MailLink } from "../../mail/mail-link.ts";
import type { RevocationDraft } from "../../revocation/revocation-store.ts";
import type { Passkey } from "../../second-factors/second-factor-store.ts";
import { decideRotation, rotated } from "../../sessions/decide-rotation.ts";
import type { RotationDecision } from "../../sessions/decide-rotation.ts";
import type { Rotation } from "../../sessions/session-store.ts";
import type { Session } from "../../sessions/session.ts";
import { randomText, systemRandom } from "../../random.ts";
import type { VersionChange } from "../../users/user-store.ts";
import type { User } from "../../users/user.ts";

export const NOW = Date.parse("2026-01-01T00:00:00Z");
export const HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
const POLICY = { graceSeconds: 10 };

export function newUser(more: Partial<User> = {}): User {
  const id = systemRandom.uuid();
  return {
    id,
    email: `${id}@example.com`,
    emailVerified: false,
    name: null,
    roles: ["user"],
    passwordHash: HASH,
    tokenVersion: 1,
    disabledAt: null,
    createdAt: NOW,
    ...more,
  };
}

export function newSession(userId: string, more: Partial<Session> = {}): Session {
  return {
    id: systemRandom.uuid(),
    userId,
    clientId: "first-party",
    generation: 0,
    secret: systemRandom.bytes(32),
    refreshKeyId: "key",
    retired: [],
    rotationKeyHash: null,
    lateGeneration: null,
    deviceHash: null,
    createdAt: NOW,
    rotatedAt: NOW,
    expiresAt: NOW + 30 * 86_400_000,
    idleSeconds: 7 * 86_400,
    remember: false,
    authTime: NOW,
    methods: ["pwd"],
    device: { label: "Chrome on macOS", ip: "203.0.113.7", userAgent: "Mozilla/5.0 “quoted”" },
    scope: null,
    audience: null,
    proofKey: null,
    revokedAt: null,
    revokedReason: null,
    ...more,
  };
}

export function newClient(more: Partial<Client> = {}): Client {
  const id = systemRandom.uuid();
  return {
    id,
    name: `client ${id}`,
    guard: true,
    secretHash: systemRandom.bytes(32),
    createdAt: NOW,
    tokenVersion: 1,
    registration: null,
    ...more,
  };
}

export function newApiKey(owner: ApiKeyOwner, more: Partial<ApiKey> = {}): ApiKey {
  return {
    id: newKeyId(systemRandom, NOW),
    name: "Nightly “report” 🎈",
    owner,
    scopes: ["orders:read", "orders:write"],
    withRoles: false,
    secret: { id: systemRandom.uuid(), hash: systemRandom.bytes(32) },
    previous: null,
    createdAt: NOW,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...more,
  };
}

export function newLink(userId: string, more: Partial<MailLink> = {}): MailLink {
  const hash = randomText(systemRandom, 32);
  const times = { createdAt: NOW, expiresAt: NOW + 600_000, usedAt: null };
  return {
    hash,
    userId,
    purpose: "reset_password",
    slot: "reset_password",
    address: "ada@example.com",
    boundTo: "mark",
    payload: null,
    ...times,
    ...more,
  };
}

export function newPasskey(userId: string, more: Partial<Passkey> = {}): Passkey {
  return {
    id: systemRandom.uuid(),
    userId,
    publicKey: systemRandom.bytes(77),
    counter: 0,
    transports: ["internal", "hybrid"],
    deviceType: "multiDevice",
    backedUp: true,
    userVerified: true,
    name: "Laptop “work” 🎈",
    createdAt: NOW,
    lastUsedAt: null,
    ...more,
  };
}

export function event(type: Parameters<typeof auditEvent>[0], who: { userId?: string; sessionId?: string } = {}) {
  return auditEvent(type, NOW, LOCAL_ORIGIN, who, { note: type });
}

export function versionChange(effect: "revoked" | "stale", userId: string): VersionChange {
  return {
    revocation: (value, version) => ({ kind: "subject", value, version, effect, reason: "test", at: NOW }),
    audit: event("roles_changed", { userId }),
  };
}

export function sessionRevocation(sessionId: string): RevocationDraft {
  return { kind: "session", value: sessionId, effect: "revoked", reason: "test", at: NOW };
}

/** What a refresh with the token of `generation` at `now` does, by the real table. */
export function presenting(generation: number, now: number) {
  return (session: Session): Rotation<RotationDecision> => {
    const presented = {
      generation,
      genuine: true,
      expiresAt: now + 86_400_000,
      delivery: "body",
      knownDevice: false,
      idempotencyKeyHash: null,
    } as const;
    const outcome = decideRotation(session, presented, now, POLICY);
    const who = { userId: session.userId, sessionId: session.id };
    switch (outcome.outcome) {
      case "refuse":
        return { outcome, session, revocation: null, audit: null };
      case "repeat":
        return { outcome, session, revocation: null, audit: event("refresh_repeated", who) };
      case "rotate":
        return {
          outcome,
          session: rotated(session, presented, now, POLICY, "key"),
          revocation: null,
          audit: event("refresh", who),
        };
      case "theft":
        return {
          outcome,
          session: { ...session, revokedAt: now, revokedReason: "refresh_token_reused" },
          revocation: sessionRevocation(session.id),
          audit: event("refresh_token_reused", who),
        };
    }
  };
}
