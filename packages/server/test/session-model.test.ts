/** Random histories of one user's sessions, against a model of the protocol that fits on a page. */
import { DatabaseSync } from "node:sqlite";
import type { Delivery } from "@ostiary/protocol";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { GRACE_SECONDS } from "./session-model/model.ts";
import { PlayedSession } from "./session-model/played-session.ts";
import type { SessionEvent } from "./session-model/played-session.ts";
import { SECOND, START, startTestServer, temporaryFile, TestClient } from "./test-server.ts";

/** Every request is a commit on a disk, and every user has a password: more would take too long even by night. */
const MOST_RUNS = 1500;
const HANGS_MS = 600_000;

type Event =
  | SessionEvent
  | { readonly kind: "login"; readonly delivery: Delivery }
  | { readonly kind: "log out everywhere" };

const session = fc.nat({ max: 2 });
const way = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ byCookie: true, knownDevice: true }) },
  { weight: 1, arbitrary: fc.constant({ byCookie: true, knownDevice: false }) },
  { weight: 2, arbitrary: fc.constant({ byCookie: false, knownDevice: false }) },
);
const request = fc.record({
  kind: fc.constant("refresh" as const),
  session,
  after: fc.constantFrom(0, 0, 1, 10, 11, 3600),
  age: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.constant(1) }, fc.nat({ max: 4 })),
  lost: fc.boolean(),
  key: fc.constantFrom(null, null, null, null, "a key of 16 characters, or so", "another key of as many characters").map(
    (key) => key?.replaceAll(" ", "-") ?? null,
  ),
});
const refresh = fc.tuple(request, way).map(([one, other]) => ({ ...one, ...other }));
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 16, arbitrary: refresh },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("lose writes" as const), session, writes: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("log out" as const), session }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("login" as const), delivery: fc.constantFrom("cookie" as const, "body" as const) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "log out everywhere" as const }) },
);

test("whatever is asked, lost and forgotten, in whichever order: the sessions do what the model says", async () => {
  const path = temporaryFile();
  const server = await startTestServer({ databaseUrl: `sqlite:${path}`, rotationGrace: GRACE_SECONDS, limits: "off" });
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  let users = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40, size: "max" }), async (events) => {
      server.time.now = START;
      const email = `user${++users}@example.com`;
      const first = new TestClient(server);
      const { user } = await first.signup(email, { delivery: "cookie" });
      const sessions = [new PlayedSession(server, database, first, first.jar.get("ostiary_refresh")!)];
      for (const one of events) {
        if (one.kind === "refresh") server.time.now += one.after * SECOND;
        if (one.kind === "login") sessions.push(await PlayedSession.signIn(server, database, email, one.delivery));
        else if (one.kind === "log out everywhere") {
          await server.sessions.revokeAll(user.id);
          for (const each of sessions) each.end();
        } else await sessions[one.session % sessions.length]!.play(one);
      }
      for (const each of sessions) await each.assertRowAndAudit();
      expect(server.reported).toEqual([]);
    }),
    { numRuns: Math.min(fc.readConfigureGlobal().numRuns ?? 40, MOST_RUNS) },
  );
}, HANGS_MS);
