import { hashOf } from "../sessions/hash-of.ts";
import type { PendingKey, PendingRow } from "./second-factor-store.ts";
import type { SecondFactorDeps } from "./second-factors.ts";

/** From the first step to the last. */
export const PENDING_SECONDS = 600;
/** Wrong ones; then the first step is to be taken anew. */
export const MOST_TRIES = 5;

export type PendingDeps = Pick<SecondFactorDeps, "store" | "clock" | "random">;

/** Whose it is, where that is known before: the row of anybody else is none. */
export interface Place {
  readonly kind: PendingRow["kind"];
  readonly userId?: string | null;
  /** What names the browser that alone may go on. */
  readonly browser?: string | null | undefined;
}

export function keyOfPending({ clock }: Pick<PendingDeps, "clock">, token: string, { kind, userId = null, browser }: Place): PendingKey {
  return { hash: hashOf(token), kind, userId, browserHash: browser === undefined || browser === null ? null : hashOf(browser), now: clock() };
}

/** Writes down what is under way; what names it is for whoever began. */
export async function beginPending(
  deps: PendingDeps,
  place: Place,
  detail: PendingRow["detail"],
  challenge: string | null = null,
): Promise<{ token: string; expiresAt: number }> {
  const token = Buffer.from(deps.random.bytes(32)).toString("base64url");
  const { now, ...key } = keyOfPending(deps, token, place);
  const expiresAt = now + PENDING_SECONDS * 1000;
  await deps.store.begin({ ...key, detail, challenge, tries: 0, expiresAt });
  return { token, expiresAt };
}
