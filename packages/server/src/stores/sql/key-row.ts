import type { KeyOrigin, KeyPurpose, KeyState, StoredKey } from "../../keys/key-store.ts";
import type { KeyRow } from "./tables/keys.ts";

export function toStoredKey(row: KeyRow): StoredKey {
  return {
    id: row.id,
    purpose: row.purpose as KeyPurpose,
    algorithm: row.algorithm,
    origin: row.origin as KeyOrigin,
    state: row.state as KeyState,
    sealed: row.sealed,
    tokenSeconds: row.token_seconds,
    createdAt: row.created_at,
    activatesAt: row.activates_at,
    activatedAt: row.activated_at,
    retiredAt: row.retired_at,
    goneAt: row.gone_at,
    compromised: row.compromised === 1,
  };
}

export function toKeyRow(key: StoredKey): KeyRow {
  return {
    id: key.id,
    purpose: key.purpose,
    algorithm: key.algorithm,
    origin: key.origin,
    state: key.state,
    sealed: key.sealed,
    token_seconds: key.tokenSeconds,
    created_at: key.createdAt,
    activates_at: key.activatesAt,
    activated_at: key.activatedAt,
    retired_at: key.retiredAt,
    gone_at: key.goneAt,
    compromised: key.compromised ? 1 : 0,
  };
}
