import type { Selectable } from "kysely";
import type { Passkey, PendingRow, TotpSecret } from "../../second-factors/second-factor-store.ts";
import type { Database } from "./schema.ts";

type PasskeyRow = Selectable<Database["passkeys"]>;
type PendingSignInRow = Selectable<Database["pending_sign_ins"]>;

export function toTotpSecret(row: Selectable<Database["totp_secrets"]>): TotpSecret {
  return { userId: row.user_id, sealed: new Uint8Array(row.sealed), lastStep: Number(row.last_step), createdAt: Number(row.created_at) };
}

export function toPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    userId: row.user_id,
    publicKey: new Uint8Array(row.public_key),
    counter: Number(row.counter),
    transports: JSON.parse(row.transports) as string[],
    deviceType: row.device_type as Passkey["deviceType"],
    backedUp: row.backed_up === 1,
    userVerified: row.user_verified === 1,
    name: row.name,
    createdAt: Number(row.created_at),
    lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
  };
}

export function toPasskeyRow(passkey: Passkey): PasskeyRow {
  return {
    id: passkey.id,
    user_id: passkey.userId,
    public_key: passkey.publicKey,
    counter: passkey.counter,
    transports: JSON.stringify(passkey.transports),
    device_type: passkey.deviceType,
    backed_up: passkey.backedUp ? 1 : 0,
    user_verified: passkey.userVerified ? 1 : 0,
    name: passkey.name,
    created_at: passkey.createdAt,
    last_used_at: passkey.lastUsedAt,
  };
}

export function toPending(row: PendingSignInRow): PendingRow {
  return {
    hash: row.hash,
    kind: row.kind as PendingRow["kind"],
    userId: row.user_id,
    browserHash: row.browser_hash,
    detail: JSON.parse(row.detail) as PendingRow["detail"],
    challenge: row.challenge,
    tries: row.tries,
    expiresAt: Number(row.expires_at),
  };
}

export function toPendingRow(pending: PendingRow): PendingSignInRow {
  return {
    hash: pending.hash,
    kind: pending.kind,
    user_id: pending.userId,
    browser_hash: pending.browserHash,
    detail: JSON.stringify(pending.detail),
    challenge: pending.challenge,
    tries: pending.tries,
    expires_at: pending.expiresAt,
  };
}
