/** Users and sessions to put into a database: the same ones in every run, for a server and for what it is compared with. */
import { hash } from "node:crypto";
import type { Session } from "../../packages/server/src/sessions/session.ts";
import type { User } from "../../packages/server/src/users/user.ts";

const DAY = 86_400_000;
const SESSIONS_A_USER = 2;
/** How long ago they began, one after the other. */
const SPREAD_MS = DAY;

export function userCount(sessions: number): number {
  return Math.ceil(sessions / SESSIONS_A_USER);
}

/** Random to look at, the same in every run. Ids sort by time, as real ones do (RFC 9562 §5.7). */
export function seededUser(i: number): User {
  const id = uuid("user", i, 0);
  return {
    id,
    email: `user${i}@example.com`,
    emailVerified: false,
    name: null,
    roles: ["user"],
    passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5$c2lnbnMgaW4gaGVyZQ",
    tokenVersion: 1,
    disabledAt: null,
    createdAt: Date.now() - SPREAD_MS,
  };
}

export function seededSession(i: number, count: number, refreshKeyId: string, now: number): Session {
  const createdAt = Math.floor(now - SPREAD_MS + (SPREAD_MS * i) / count);
  return {
    id: uuid("session", i, createdAt),
    userId: seededUser(Math.floor(i / SESSIONS_A_USER)).id,
    clientId: "first-party",
    generation: 0,
    secret: hash("sha256", `secret of session ${i}`, "buffer"),
    refreshKeyId,
    retired: [],
    rotationKeyHash: null,
    lateGeneration: null,
    deviceHash: null,
    createdAt,
    rotatedAt: createdAt,
    expiresAt: createdAt + 30 * DAY,
    idleSeconds: (7 * DAY) / 1000,
    remember: false,
    authTime: createdAt,
    methods: ["pwd"],
    device: { label: "ostiary-bench", ip: "127.0.0.1", userAgent: "ostiary-bench/1.0" },
    scope: null,
    audience: null,
    proofKey: null,
    revokedAt: null,
    revokedReason: null,
  };
}

/** `wanted` of `count` numbers, spread evenly and in no order: the database cannot be lucky with neighbours. */
export function spread(count: number, wanted: number): number[] {
  const chosen = Array.from({ length: Math.min(count, wanted) }, (_, i) => Math.floor((i * count) / Math.min(count, wanted)));
  return chosen.toSorted((a, b) => (uuid("order", a, 0) < uuid("order", b, 0) ? -1 : 1));
}

function uuid(kind: string, i: number, time: number): string {
  const random = hash("sha256", `${kind} ${i}`, "hex");
  const start = (time === 0 ? 1.7e12 + i : time).toString(16).padStart(12, "0");
  return `${start.slice(0, 8)}-${start.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
