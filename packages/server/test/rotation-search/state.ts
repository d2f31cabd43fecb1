/**
 * A search over all interleavings of one session: owner, thief, network and store move one step at a time, and every
 * request goes through the real rotation code. Owns the little world around that code; knows nothing of HTTP or SQL.
 */
import type { Session } from "../../src/sessions/session.ts";

/** What may happen in one search. */
export interface Scenario {
  readonly name: string;
  readonly graceSeconds: number;
  /** A browser has one cookie jar for all tabs; a body client keeps its one token itself. */
  readonly owner: "browser" | "body";
  /** Whether the owner still has the device cookie it signed in with. */
  readonly ownerDevice: boolean;
  /** Whether each refresh carries an Idempotency-Key, kept until an answer has arrived. */
  readonly keys: boolean;
  /** Requests that wait for their answer at the same time. */
  readonly waiting: number;
  /** Requests on the network at the same time, those included whose sender has given up. */
  readonly underWay: number;
  /** How far the clock may move at once, in seconds. */
  readonly timeSteps: readonly number[];
  /** The longest time from sending a request to receiving its answer, in seconds. */
  readonly longestExchange: number;
  /** Answers may fail to stay with the owner: never, never for two rotations in a row, or at will. */
  readonly missedAnswers: "none" | "apart" | "any";
  /** How many times the store may come back with an earlier row. */
  readonly lostWrites: number;
  readonly thief: ThiefScenario | null;
}

export interface ThiefScenario {
  /** Whether the device cookie is stolen too. */
  readonly device: boolean;
  /** Whether owner or thief may meet the other's rotation within the grace. */
  readonly graceHits: boolean;
}

/** The times in a token are those of the row, so generation and birth stand for all its bytes. */
export interface Token {
  readonly generation: number;
  readonly bornAt: number;
  readonly expiresAt: number;
}

/** One refresh of the owner on its way: first the request, then the answer. */
export interface Exchange {
  readonly token: Token;
  readonly key: number | null;
  readonly sentAt: number;
  readonly answer: Token | null;
  readonly answeredAt: number | null;
  /** False once the sender has given up: the request may still arrive, its answer will not. */
  readonly heard: boolean;
}

export type Party = "owner" | "thief";

export interface State {
  readonly now: number;
  readonly row: Session;
  /** Earlier rows that the store may come back with, oldest first. */
  readonly earlierRows: readonly Session[];
  readonly lostWrites: number;
  readonly jar: Token;
  /** The Idempotency-Key the owner keeps until an answer arrives. */
  readonly pendingKey: number | null;
  readonly nextKey: number;
  readonly exchanges: readonly Exchange[];
  /** What the thief holds, newest last; null before the theft. */
  readonly stolen: readonly Token[] | null;
  /** Generations whose token did not stay with the owner. */
  readonly missed: readonly number[];
  /** The newest generation ever handed out: above the row's when writes were lost. */
  readonly newestIssued: number;
  readonly race: Race;
}

/** How owner and thief have fared against each other since the theft. */
export interface Race {
  readonly lastRotatedBy: Party;
  /**
   * The last times one of them got hold of the token the other had made, newest last: "g" the thief within the grace,
   * "l" the thief late; "G" and "L" the owner.
   */
  readonly crossings: string;
  readonly crossedAt: Readonly<Record<Party, number>>;
  /** Who moved the session on since the thief's first success: each letter a change of hands, "t" or "o". */
  readonly turns: string;
}

const IDLE_SECONDS = 7 * 86_400;
const START = Date.UTC(2030, 0, 1);
/** Far enough away that only the idle limit matters: the absolute one needs no search. */
const ABSOLUTE_LIMIT = Date.UTC(3000, 0, 1);

export function initialState(scenario: Scenario): State {
  const row: Session = {
    id: "session",
    userId: "user",
    clientId: "first-party",
    generation: 0,
    secret: new Uint8Array(32),
    refreshKeyId: "refresh-key",
    retired: [],
    rotationKeyHash: null,
    lateGeneration: null,
    deviceHash: scenario.owner === "browser" ? "device" : null,
    createdAt: START,
    rotatedAt: START,
    expiresAt: ABSOLUTE_LIMIT,
    idleSeconds: IDLE_SECONDS,
    remember: false,
    authTime: START,
    methods: ["pwd"],
    device: { label: "Browser", ip: null, userAgent: null },
    scope: null,
    audience: null,
    proofKey: null,
    revokedAt: null,
    revokedReason: null,
  };
  return {
    now: START,
    row,
    earlierRows: [],
    lostWrites: 0,
    jar: { generation: 0, bornAt: START, expiresAt: START + IDLE_SECONDS * 1000 },
    pendingKey: null,
    nextKey: 1,
    exchanges: [],
    stolen: null,
    missed: [],
    newestIssued: 0,
    race: { lastRotatedBy: "owner", crossings: "", crossedAt: { owner: -1, thief: -1 }, turns: "" },
  };
}
