import type { RevokedReason, Retirement, Session, SignInMethod } from "../../sessions/session.ts";
import { sessionExpiresAt } from "../../sessions/session.ts";
import type { SessionRow } from "./tables/sessions.ts";

/** Indexes hold `ends_at`: in such steps most rotations leave them as they are, and write a third less. */
const ENDS_AT_STEP_MS = 3_600_000;

export function toSession(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    clientId: row.client_id,
    generation: Number(row.generation),
    secret: row.secret,
    refreshKeyId: row.refresh_key_id,
    retired: JSON.parse(row.retired) as Retirement[],
    rotationKeyHash: row.rotation_key_hash,
    lateGeneration: row.late_generation === null ? null : Number(row.late_generation),
    deviceHash: row.device_hash,
    createdAt: Number(row.created_at),
    rotatedAt: Number(row.rotated_at),
    expiresAt: Number(row.expires_at),
    idleSeconds: row.idle_seconds,
    remember: row.remember === 1,
    authTime: Number(row.auth_time),
    methods: row.method === "" ? [] : (row.method.split(" ") as SignInMethod[]),
    device: { label: row.device_label, ip: row.ip, userAgent: row.user_agent },
    scope: row.scope,
    audience: row.audience,
    proofKey: row.proof_key,
    revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
    revokedReason: row.revoked_reason as RevokedReason | null,
  };
}

export function toSessionRow(session: Session): SessionRow {
  return {
    id: session.id,
    user_id: session.userId,
    client_id: session.clientId,
    secret: session.secret,
    device_hash: session.deviceHash,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    idle_seconds: session.idleSeconds,
    remember: session.remember ? 1 : 0,
    auth_time: session.authTime,
    method: session.methods.join(" "),
    scope: session.scope,
    audience: session.audience,
    proof_key: session.proofKey,
    ...rotatedColumns(session),
  };
}

/** The columns that a rotation, a late repeat or the end of a session may change. */
export function rotatedColumns(session: Session) {
  return {
    generation: session.generation,
    refresh_key_id: session.refreshKeyId,
    retired: JSON.stringify(session.retired),
    rotation_key_hash: session.rotationKeyHash,
    late_generation: session.lateGeneration,
    rotated_at: session.rotatedAt,
    ends_at: session.revokedAt ?? Math.ceil(sessionExpiresAt(session) / ENDS_AT_STEP_MS) * ENDS_AT_STEP_MS,
    device_label: session.device.label,
    ip: session.device.ip,
    user_agent: session.device.userAgent,
    revoked_at: session.revokedAt,
    revoked_reason: session.revokedReason,
  };
}
