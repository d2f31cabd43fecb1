import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Delivery } from "@ostiary/protocol";
import { temporaryFolder } from "../launch.ts";
import { deploy } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { checkHistory } from "./history/check-history.ts";
import type { Evidence, Violation } from "./history/evidence.ts";
import { openLog, readLogs } from "./history/log.ts";
import type { Log } from "./history/log.ts";
import type { Operation } from "./history/operation.ts";
import { RecordedClient } from "./recorded-client.ts";
import type { Door, Held } from "./recorded-client.ts";
import { oneOf, seededRandom } from "./seeded-random.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { FaultDatabase } from "./stores/fault-store.ts";
import { readState } from "./stores/read-state.ts";

const SIGN_UP_TRIES = 20;
/** A server that is asked to hash hundreds of passwords at once answers nobody in time. */
const SIGN_UPS_AT_ONCE = 8;

export interface Setting<Database extends FaultDatabase = FaultDatabase> {
  readonly database: Database;
  readonly seed: number;
}

/** What an experiment found. */
export interface Findings {
  readonly operations: number;
  /** Of these: refreshes that made a new token. */
  readonly rotations: number;
  readonly faults: number;
  readonly violations: readonly Violation[];
  /** For people: what was measured beside. */
  readonly notes: string;
}

/** What an experiment knows besides the history. */
export interface Conclusion {
  readonly faults: number;
  readonly violations?: readonly Violation[];
  readonly notes?: string;
  /** Whether the database lost writes that it did not have to keep: rotations, which heal. */
  readonly losesRotations?: boolean;
}

/** One run of one experiment: two servers on an empty database, clients that log, and the judgement at the end. */
export interface Trial {
  readonly database: FaultDatabase;
  readonly deployment: Deployment;
  readonly random: SeededRandom;
  /** To the servers that are up, in turn. */
  readonly doors: () => Door[];
  /** A client that goes from door to door. Leads it through other ones if they are given. */
  newClient(name: string, doors?: () => Door[]): RecordedClient;
  /** What has been logged so far. */
  readonly history: readonly Operation[];
  /** Stops the servers, reads the store, judges. */
  conclude(conclusion: Conclusion): Promise<Findings>;
}

export async function beginTrial({ database, seed }: Setting, { graceSeconds = 10 } = {}): Promise<Trial> {
  const deployment = await deploy(database, graceSeconds);
  const random = seededRandom(seed);
  const folder = join(temporaryFolder(), "history");
  mkdirSync(folder);
  const logs: Log[] = [];
  const history: Operation[] = [];

  const doors = (): Door[] =>
    deployment.replicas
      .filter(({ isUp }) => isUp)
      .map(({ name, server }) => ({ server: name, issuer: server.issuer, graceSeconds: deployment.graceSeconds }));

  return {
    database,
    deployment,
    random,
    doors,
    newClient(name, through = doors) {
      const file = openLog(folder, name);
      logs.push(file);
      const log = (operation: Operation): void => {
        file.append(operation);
        history.push(operation);
      };
      // While all are down, whichever was first: the client is to meet that.
      const closed = doors();
      return new RecordedClient(name, log, () => oneOf(random, [through(), closed].find(({ length }) => length > 0)!));
    },
    history,
    async conclude({ faults, violations = [], notes = "", losesRotations = false }) {
      await deployment.stop();
      for (const log of logs) log.close();
      const operations = readLogs(folder);
      const evidence: Evidence = {
        operations,
        processes: deployment.reports(),
        store: await readState(database, sessionsIn(operations)),
        losesRotations,
      };
      const healed = evidence.store.healed.size;
      return {
        operations: operations.length,
        rotations: operations.filter(isRotation).length,
        faults,
        violations: [...violations, ...checkHistory(evidence)],
        notes: losesRotations ? `${notes}; ${healed} sessions had lost rotations, and healed` : notes,
      };
    },
  };
}

/** The clients sign up, each for a session of its own; every so many by cookie. */
export async function signUpAll(clients: readonly RecordedClient[], { cookieEvery = Infinity } = {}): Promise<Held[]> {
  return signUpEach(
    clients.map((client, number) => ({ client, delivery: (number + 1) % cookieEvery === 0 ? "cookie" : "body" })),
  );
}

/** They sign up as they are told, a few at a time. */
export async function signUpEach(all: readonly { client: RecordedClient; delivery: Delivery }[]): Promise<Held[]> {
  const held: Held[] = [];
  while (held.length < all.length) {
    const few = all.slice(held.length, held.length + SIGN_UPS_AT_ONCE);
    held.push(...(await Promise.all(few.map(({ client, delivery }) => signUp(client, delivery)))));
  }
  return held;
}

/** Tries again where no answer came; then the account may be there already. */
async function signUp(client: RecordedClient, delivery: Delivery): Promise<Held> {
  for (let tries = 0; tries < SIGN_UP_TRIES; tries++) {
    const held =
      (await client.signIn("signup", emailOf(client), delivery)) ?? (await client.signIn("login", emailOf(client), delivery));
    if (held !== null) return held;
  }
  throw new Error(`${client.name} could not sign up.`);
}

export function emailOf({ name }: RecordedClient): string {
  return `${name}@example.com`;
}

function isRotation({ outcome, presented, received }: Operation): boolean {
  const made = received?.token?.generation ?? -1;
  return outcome === "ok" && presented !== null && made > presented.generation;
}

function sessionsIn(operations: readonly Operation[]): Set<string> {
  return new Set(operations.flatMap(({ received }) => (received === null ? [] : [received.session])));
}
