import type { RevocationEntry } from "@ostiary/protocol";
import type { AuditEvent } from "../audit/audit-event.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
import type { Revoked, VersionChange } from "../users/user-store.ts";
import type { User } from "../users/user.ts";
import type { RevokedReason, Session } from "./session.ts";

/** Each method is one transaction, its audit events and revocations included. */
export interface SessionStore {
  /**
   * Begins a session, unless the user was disabled or has changed the password since it was verified: then null.
   * The user is returned as the transaction saw them.
   */
  create(session: Session, verifiedPasswordHash: string, audit: AuditEvent): Promise<User | null>;
  find(id: string): Promise<Session | null>;
  /** The user's sessions that are neither revoked nor expired, newest first. */
  listLive(userId: string, now: number): Promise<Session[]>;
  /** All of the user's sessions that have not been dropped, newest first. */
  listKept(userId: string): Promise<Session[]>;
  /** How many sessions there are that have not ended, counted up to `atMost`; those that end within the hour, about. */
  countLive(now: number, atMost: number): Promise<number>;
  /**
   * Whether a session of the user that has not been dropped began in this browser: one that lives on, or that began after
   * the last one that ended because the browser may be in other hands. By `secondFactor` one counts only if it began with a
   * second factor, or a passkey alone: who has only stolen the password has none of those.
   */
  knowsDevice(userId: string, deviceHash: string, by?: "secondFactor"): Promise<boolean>;
  /**
   * Reads the row, lets `decide` say what becomes of it, and writes that, with no other rotation in between.
   * `decide` must be pure: a store may call it again. Null if there is no such session.
   */
  rotate<Outcome>(id: string, decide: (session: Session, user: User) => Rotation<Outcome>): Promise<Rotated<Outcome> | null>;
  /** Null if there is no such session; an already revoked one keeps its first reason and appends nothing. */
  revoke(id: string, revocation: SessionRevocation): Promise<{ entry: RevocationEntry | null } | null>;
  /** Revokes all sessions of a user with one entry for the user. Null if there is no such user. */
  revokeAll(userId: string, at: number, reason: RevokedReason, change: VersionChange): Promise<Revoked | null>;
  /** Drops up to `limit` rows that ended before `before`, or an hour earlier. Tells how many were dropped. */
  dropEnded(before: number, limit: number): Promise<number>;
}

export interface SessionRevocation {
  readonly at: number;
  readonly reason: RevokedReason;
  readonly entry: RevocationDraft;
  readonly audit: AuditEvent;
  /** The session that takes its place: what clients know of the ended one goes on with it, in the same transaction. */
  readonly renewedBy?: { readonly id: string; readonly expiresAt: number };
}

export interface Rotation<Outcome> {
  readonly outcome: Outcome;
  /** The row as it is from now on; the same object if nothing changes. */
  readonly session: Session;
  readonly revocation: RevocationDraft | null;
  readonly audit: AuditEvent | null;
}

export interface Rotated<Outcome> {
  readonly outcome: Outcome;
  readonly session: Session;
  readonly user: User;
  readonly entry: RevocationEntry | null;
}
