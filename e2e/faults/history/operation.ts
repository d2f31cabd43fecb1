/** One request of one client and what came of it: a line of the client's log. Tokens and keys stand in it as hashes. */
import { createHash } from "node:crypto";
import type { Delivery } from "@ostiary/protocol";

export interface Operation {
  /** The client and a number: "client3/17". */
  readonly id: string;
  readonly kind: "login" | "refresh" | "access" | "logout";
  /** Which server was asked. */
  readonly server: string;
  /** What the client calls itself in `User-Agent`. */
  readonly device: string;
  /** Whether the token was made up by someone who was never given it. */
  readonly forged: boolean;
  readonly delivery: Delivery;
  /** Whose client it is; null before it was told. */
  readonly subject: string | null;
  /** The session that was asked with, by its access or its refresh token. */
  readonly session: string | null;
  /** The refresh token that was presented. */
  readonly presented: TokenMark | null;
  /** Of the Idempotency-Key. */
  readonly keyHash: string | null;
  /** What the server was set to at that time. */
  readonly graceSeconds: number;
  /** Milliseconds since the epoch: before the request was sent, and after its answer was read or given up. */
  readonly start: number;
  readonly end: number;
  /** `unknown` is cut off, timed out or 5xx: whether it was carried out cannot be told. */
  readonly outcome: "ok" | "fail" | "unknown";
  /** Null without a complete answer. */
  readonly status: number | null;
  readonly reason: string | null;
  /** False for an answer that is not of the form the contract gives it. */
  readonly typed: boolean;
  /** What a complete answer of 2xx carried. */
  readonly received: Received | null;
}

export interface TokenMark {
  readonly hash: string;
  readonly generation: number;
}

export interface Received {
  readonly session: string;
  readonly subject: string;
  /** None with the answer to an access token. */
  readonly token: TokenMark | null;
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

/** What a refresh token says of itself to whoever holds it. */
export function markOf(refreshToken: string): TokenMark {
  return { hash: hashOf(refreshToken), generation: claimsOf(refreshToken).gen };
}

export function sessionOf(token: string): string {
  return claimsOf(token).sid;
}

function claimsOf(token: string): { sid: string; gen: number } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sid: string; gen: number };
}
