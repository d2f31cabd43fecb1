import { hashOf } from "../sessions/hash-of.ts";
import type { User } from "../users/user.ts";
import { beginPending, keyOfPending, MOST_TRIES } from "./pending.ts";
import type { PendingDeps } from "./pending.ts";
import type { PendingRow } from "./second-factor-store.ts";
import { factorsOf, hasSecondFactors, methodsOf } from "./second-factors.ts";
import type { SecondFactorMethod } from "./second-factors.ts";

/** What the first step was, and what was wished for with it: the session is begun by that, and by nothing the second says. */
export interface FirstStep {
  readonly method: "pwd" | "fed";
  readonly remember: boolean;
  readonly delivery: "cookie" | "body";
  /** Thumbprint of the key that the session is to be bound to: the second step proves the same. */
  readonly proofKey: string | null;
  /** The other issuer that said who it is. */
  readonly provider: string | null;
  /** An identity of theirs that opens the account from then on: what waits for it at the provider. */
  readonly link: { readonly provider: string; readonly name: string } | null;
}

/** A sign-in whose first step was good. */
export interface Pending {
  /** Names it, for whoever took the first step. */
  readonly mfaToken: string;
  readonly methods: readonly SecondFactorMethod[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The same as it is written down. */
export interface PendingSignIn extends FirstStep {
  readonly userId: string;
  readonly methods: readonly SecondFactorMethod[];
  readonly expiresAt: number;
  readonly triesLeft: number;
  /** SHA-256 of the password's hash: with another password the first step was not good. */
  readonly passwordMark: string;
  readonly challenge: string | null;
}

/** Null where the user has no second factor: the first step is all. */
export async function beginPendingSignIn(
  deps: PendingDeps,
  user: User,
  first: FirstStep,
  browser: string | null,
): Promise<Pending | null> {
  const factors = await factorsOf(deps, user.id);
  if (!hasSecondFactors(factors)) return null;
  const place = { kind: "sign_in", userId: user.id, browser } as const;
  const { token, expiresAt } = await beginPending(deps, place, { ...first, passwordMark: markOf(user) });
  return { mfaToken: token, methods: methodsOf(factors), expiresAt };
}

/** Null if it is over, was never, or belongs to another browser than `browser`. */
export async function findPending(deps: PendingDeps, mfaToken: string, browser: string | null = null): Promise<PendingSignIn | null> {
  const row = await deps.store.look(keyOfPending(deps, mfaToken, { kind: "sign_in", browser }));
  return row === null ? null : fromRow(deps, row);
}

async function fromRow(deps: Pick<PendingDeps, "store">, row: PendingRow): Promise<PendingSignIn | null> {
  const { userId, expiresAt, challenge } = row;
  if (userId === null || row.tries >= MOST_TRIES) return null;
  const detail = row.detail as unknown as FirstStep & { passwordMark: string };
  return { ...detail, userId, expiresAt, challenge, triesLeft: MOST_TRIES - row.tries, methods: methodsOf(await factorsOf(deps, userId)) };
}

export function markOf({ passwordHash }: Pick<User, "passwordHash">): string {
  return hashOf(`password ${passwordHash}`);
}
