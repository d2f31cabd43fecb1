import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import type { User } from "../users/user.ts";
import { isProven } from "./bound-session.ts";
import { decideRotation } from "./decide-rotation.ts";
import type { Presented, RotationDecision, RotationPolicy } from "./decide-rotation.ts";
import { brokenBinding } from "./device-change.ts";
import type { DeviceChange, SessionBinding } from "./device-change.ts";
import type { Device, RevokedReason, Session } from "./session.ts";

/** A refresh, beside the row that it is of. */
export interface Refresh {
  readonly session: Session;
  readonly user: User;
  readonly presented: Presented;
  /** The client of OAuth that sends it, or our own sign-in. */
  readonly clientId: string;
  /** The key that it proves to have, by its thumbprint. */
  readonly proofKey: string | null;
  /** Where it comes from, and in what that is another place than before. */
  readonly device: Device;
  readonly change: DeviceChange | null;
  readonly now: number;
}

/** What becomes of a refresh: what the table says, unless the session is bound to where it no longer comes from. */
export type RefreshVerdict =
  | RotationDecision
  | { readonly outcome: "unbound"; readonly reason: RevokedReason }
  /** The token is good, but not for who has sent it: nothing becomes of it. */
  | { readonly outcome: "foreign" | "unproven" };

export function judgeRefresh(refresh: Refresh, policy: RotationPolicy & { readonly binding: SessionBinding }): RefreshVerdict {
  const { session, presented, clientId, proofKey, change, now } = refresh;
  // Whose token it is comes first: another client's is left alone, whatever it is worth.
  if (presented.genuine && session.clientId !== clientId) return { outcome: "foreign" };
  // Stolen tokens that come without the key change nothing either: no thief can end the session by using them twice.
  if (presented.genuine && !isProven(session, proofKey)) return { outcome: "unproven" };

  const decision = decideRotation(session, presented, now, policy);
  // What is refused or stolen is so wherever it comes from.
  if (decision.outcome === "refuse" || decision.outcome === "theft") return decision;
  const reason = isOurs(session) ? brokenBinding(change, policy.binding) : null;
  return reason === null ? decision : { outcome: "unbound", reason };
}

/** A client of OAuth is a program, which may run on many machines; what happens there says nothing of the user's devices. */
export function isOurs({ clientId }: Session): boolean {
  return clientId === FIRST_PARTY_CLIENT_ID;
}
