/** The checker, on histories written by hand: it has to find each violation, and nothing where there is none. */
import { describe, expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import type { Evidence, SessionState } from "./evidence.ts";
import type { Operation } from "./operation.ts";

const SECOND = 1000;
const REUSED = { outcome: "fail", status: 401, reason: "refresh_token_reused" } as const;
const LOST = { outcome: "unknown", status: null } as const;

describe("a history without fault", () => {
  it("may have rotations, a lost answer that was fetched, a race, an old token that was found and a sign-out", () => {
    const operations = [
      login(0),
      refresh(1, 0, 1),
      refresh(2, 1, 2, LOST),
      refresh(3, 1, 2),
      refresh(3, 1, 2, { device: "other" }),
      access(4),
      refresh(20, 1, 2, { ...REUSED, device: "other" }),
      refresh(21, 2, 3, REUSED),
    ];
    expect(judged(operations, { ...STOLEN, generation: 2 })).toEqual([]);
    expect(judged([login(0), logout(1), refresh(2, 0, 1, ENDED)], { revokedAt: 1, revokedReason: "logout" })).toEqual([]);
  });

  it("may have a retry with its key long after, and a retry of which it cannot be told whether it was late", () => {
    const key = { keyHash: "key" };
    expect(judged([login(0), refresh(1, 0, 1, { ...LOST, ...key }), refresh(99, 0, 1, key)])).toEqual([]);
    expect(judged([login(0), refresh(1, 0, 1, LOST), refresh(12, 0, 1)], { generation: 1 })).toEqual([]);
    expect(judged([login(0), refresh(1, 0, 1, LOST), refresh(12, 0, 1, REUSED)], STOLEN)).toEqual([]);
  });
});

describe("I1: an acknowledged rotation lost", () => {
  it("a token that was handed out is refused", () => {
    const refused = { outcome: "fail", status: 401, reason: "signature_invalid" } as const;
    expect(judged([login(0), refresh(1, 0, 1), refresh(2, 1, 2, refused)])).toEqual(["I1"]);
  });
  it("a race's loser is refused, and the session ended for it", () => {
    const operations = [login(0), refresh(1, 0, 1), refresh(1, 0, 1, REUSED)];
    expect(judged(operations, { ...STOLEN, generation: 1 })).toEqual(["I1", "I1"]);
  });
  it("a session is found ended, and nobody ended it", () => {
    expect(judged([login(0)], { revokedAt: 1, revokedReason: "logout" })).toEqual(["I1"]);
  });
});

describe("I2: a revoked token accepted", () => {
  const signedOut = { revokedAt: 1, revokedReason: "logout" };
  it("a refresh token after the sign-out was answered", () => {
    expect(judged([login(0), logout(1), refresh(2, 0, 1)], { ...signedOut, generation: 1 })).toEqual(["I2"]);
  });
  it("an access token later than replicas may take to learn of it", () => {
    expect(judged([login(0), logout(1), access(1.5)], signedOut)).toEqual([]);
    expect(judged([login(0), logout(1), access(3)], signedOut)).toEqual(["I2"]);
  });
  it("a refresh token after the theft was answered", () => {
    const operations = [login(0), refresh(1, 0, 1), refresh(20, 0, 1, REUSED), refresh(21, 1, 2)];
    expect(judged(operations, { ...STOLEN, generation: 2 })).toEqual(["I2"]);
  });
});

describe("I3: locked out by a lost response", () => {
  it("the same token within the grace is refused", () => {
    const operations = [login(0), refresh(1, 0, 1, LOST), refresh(2, 0, 1, REUSED)];
    expect(judged(operations, STOLEN)).toEqual(["I3", "I1"]);
  });
  it("the same token with its key is refused, at any time", () => {
    const key = { keyHash: "key" };
    const operations = [login(0), refresh(1, 0, 1, { ...LOST, ...key }), refresh(99, 0, 1, { ...REUSED, ...key })];
    expect(judged(operations, STOLEN)).toEqual(["I3", "I1"]);
  });
});

describe("I4: two live leaves", () => {
  it("one token has two successors", () => {
    const other = { received: received(1, "another token 1") };
    expect(judged([login(0), refresh(1, 0, 1), refresh(1, 0, 1, other)])).toEqual(["I4"]);
  });
  it("two rotations made the same one", () => {
    expect(judged([login(0), refresh(1, 0, 1)], {}, { remade: new Set([SESSION]) })).toEqual(["I4"]);
  });
  it("an old token makes a new one", () => {
    const operations = [login(0), refresh(1, 0, 1), refresh(2, 1, 2), refresh(3, 0, 3)];
    expect(judged(operations, { generation: 3 })).toEqual(["I4"]);
  });
  it("an older token is handed out though the newer one is known", () => {
    const operations = [login(0), refresh(1, 0, 1), refresh(2, 1, 2), refresh(3, 0, 1)];
    expect(judged(operations, { generation: 2 })).toEqual(["I4"]);
  });
});

describe("I5: a theft not found", () => {
  it("an old token is answered later than the grace", () => {
    expect(judged([login(0), refresh(1, 0, 1), refresh(13, 0, 1)])).toEqual(["I5"]);
  });
  it("with a grace of 0, at its second use", () => {
    expect(judged([login(0), refresh(1, 0, 1), refresh(2, 0, 1, { graceSeconds: 0 })])).toEqual(["I5"]);
  });
  it("the token is refused for another reason, and the session lives on", () => {
    const refused = { ...REUSED, reason: "signature_invalid" };
    expect(judged([login(0), refresh(1, 0, 1), refresh(13, 0, 1, refused)])).toEqual(["I5"]);
    const found = [login(0), refresh(1, 0, 1), refresh(13, 0, 1, REUSED)];
    expect(judged(found, { ...STOLEN, revokedReason: "logout" }, { thefts: ONE_THEFT })).toEqual(["I5"]);
  });
  it("the audit tells of it twice, not at all, or not of both devices", () => {
    const operations = [login(0), refresh(1, 0, 1), refresh(13, 0, 1, REUSED)];
    for (const events of [[], [THEFT, THEFT], [{ ...THEFT, lastRotatedBy: null }]]) {
      expect(judged(operations, STOLEN, { thefts: new Map([[SESSION, events]]) })).toEqual(["I5"]);
    }
  });
});

describe("I6: something forged or foreign accepted", () => {
  it("a token that was made up", () => {
    expect(judged([login(0), refresh(1, 0, 1, { forged: true })], { generation: 1 })).toEqual(["I6"]);
  });
  it("a token is answered with another user or another session", () => {
    const [user, session] = [{ ...received(1), subject: "someone" }, { ...received(1), session: "elsewhere" }];
    expect(judged([login(0), refresh(1, 0, 1, { received: user })])).toEqual(["I6"]);
    expect(judged([login(0), refresh(1, 0, 1, { received: session })])).toEqual(["I6"]);
  });
});

describe("I7: an answer of no known form, a server that ends", () => {
  it("500, and 503 that does not say when to come back", () => {
    expect(judged([login(0), refresh(1, 0, 1, { ...LOST, status: 500 })], { generation: 0 })).toEqual(["I7"]);
    const untyped = { ...LOST, status: 503, typed: false };
    expect(judged([login(0), refresh(1, 0, 1, untyped)], { generation: 0 })).toEqual(["I7"]);
  });
  it("a process that nobody killed, or that lets a rejection slip", () => {
    const name = "server 1";
    const processes = [
      { name, endedByItself: true, stderr: "" },
      { name, endedByItself: false, stderr: "UnhandledPromiseRejection" },
    ];
    expect(judged([login(0)], {}, { processes })).toEqual(["I7", "I7"]);
  });
});

describe("I8: what was acknowledged is not in the store", () => {
  it("a session, a rotation, a sign-out", () => {
    expect(judged([login(0)], null)).toEqual(["I8"]);
    expect(judged([login(0), refresh(1, 0, 1)], { generation: 0 })).toEqual(["I8"]);
    expect(judged([login(0), logout(1)], {})).toEqual(["I8"]);
  });
  it("a rotation that was lost and has been forgiven", () => {
    expect(judged([login(0), refresh(1, 0, 1)], {}, { healed: new Set([SESSION]) })).toEqual(["I8"]);
  });
  it("also where rotations may be lost: a session, a sign-out; but not a rotation", () => {
    const losesRotations = true;
    const healed = { healed: new Set([SESSION]), remade: new Set([SESSION]) };
    expect(judged([login(0), refresh(1, 0, 1)], { generation: 0 }, { losesRotations, ...healed })).toEqual([]);
    expect(judged([login(0)], null, { losesRotations })).toEqual(["I8"]);
    expect(judged([login(0), logout(1)], {}, { losesRotations })).toEqual(["I8"]);
  });
  it("a sign-out that is not in the revocation log", () => {
    const row = { revokedAt: 1, revokedReason: "logout" };
    expect(judged([login(0), logout(1)], row, { revoked: new Set() })).toEqual(["I8"]);
  });
});

const SESSION = "session";
const ENDED = { outcome: "fail", status: 401, reason: "session_revoked" } as const;
const THEFT = { presentedBy: "device", lastRotatedBy: "device" };
const ONE_THEFT = new Map([[SESSION, [THEFT]]]);
const STOLEN = { generation: 1, revokedAt: 1, revokedReason: "refresh_token_reused" };

/** The invariants that are found violated; the store is as the history wants it, but for what is given. */
function judged(
  operations: Operation[],
  row: Partial<SessionState> | null = {},
  rest: Partial<Evidence & Evidence["store"]> = {},
) {
  const generation = Math.max(...operations.map((one) => one.received?.token?.generation ?? 0));
  const whole = { userId: "ada", generation, revokedAt: null, revokedReason: null, ...row };
  const store = {
    rows: new Map(row === null ? [] : [[SESSION, whole]]),
    revoked: new Set(whole.revokedAt === null ? [] : [SESSION]),
    thefts: whole.revokedReason === "refresh_token_reused" ? ONE_THEFT : new Map<string, []>(),
    healed: new Set<string>(),
    remade: new Set<string>(),
    ...rest,
  };
  return checkHistory({ operations, processes: [], losesRotations: false, ...rest, store }).map(({ invariant }) => invariant);
}

function received(generation: number, hash = `token ${generation}`) {
  return { session: SESSION, subject: "ada", token: { hash, generation } };
}

/** Asked at `second`, answered half a second later. */
function operation(kind: Operation["kind"], second: number, more: Partial<Operation>): Operation {
  const [start, end] = [second * SECOND, second * SECOND + 500];
  const device = { id: `client/${second}`, device: "device", server: "server 1", delivery: "body", subject: "ada" } as const;
  const asked = { kind, start, end, forged: false, session: SESSION, presented: null, keyHash: null, graceSeconds: 10 };
  return { ...device, ...asked, outcome: "ok", status: 200, reason: null, typed: true, received: null, ...more };
}

function login(second: number): Operation {
  return operation("login", second, { subject: null, session: null, received: received(0) });
}

function logout(second: number): Operation {
  return operation("logout", second, { status: 204 });
}

function access(second: number): Operation {
  return operation("access", second, { received: { ...received(0), token: null } });
}

function refresh(second: number, presented: number, next: number, more: Partial<Operation> = {}): Operation {
  const answer = more.outcome === undefined ? received(next) : null;
  return operation("refresh", second, { presented: received(presented).token, received: answer, ...more });
}
