/** Clients that refresh as fast as they are answered, and whatever else clients do; what is not answered is sent again. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Attempt, Held, RecordedClient, RefreshOptions } from "./recorded-client.ts";
import { oneOf, seededRandom } from "./seeded-random.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { emailOf, signUpAll } from "./trial.ts";
import type { Trial } from "./trial.ts";

const RETRY_AFTER_MS = 40;
/** How many of a session's old tokens are remembered for the census, and how many sessions that have ended. */
const REMEMBERED = 8;

export interface StormOptions {
  /** Which of the clients name their refreshes by an Idempotency-Key. */
  readonly keys: "all" | "every other";
  /** Whether they also call APIs, try forged tokens, sign out and in, and use what they signed out. */
  readonly varied: boolean;
}

export interface Storm {
  /** Until that moment its clients rest for so long after each request. */
  calmUntil(moment: Promise<unknown>, restMs: number): void;
  /** Ends it, once every client has got the answer it asked for, and tries what was signed out at every server. */
  stop(): Promise<void>;
  /** At rest, with nothing forgiven: the newest token is good, whichever old one is found, and that ends the session. */
  takeCensus(): Promise<void>;
}

interface Person {
  readonly client: RecordedClient;
  readonly random: SeededRandom;
  readonly namesRequests: boolean;
  /** Null while signed out. */
  held: Held | null;
  old: Held[];
  ended: Held[];
}

export async function startStorm(trial: Trial, clients: RecordedClient[], { keys, varied }: StormOptions): Promise<Storm> {
  const signedUp = await signUpAll(clients);
  const people = clients.map((client, number): Person => {
    const random = seededRandom(Math.floor(trial.random() * 2 ** 32));
    const namesRequests = keys === "all" || number % 2 === 0;
    return { client, random, namesRequests, held: signedUp[number] ?? null, old: [], ended: [] };
  });
  const over = new AbortController();
  let rest = 0;
  const work = people.map(async (person) => {
    while (!over.signal.aborted) {
      await (varied ? act(person) : refreshOnce(person));
      if (rest > 0) await pause(rest);
    }
  });
  return {
    calmUntil(moment, restMs) {
      rest = restMs;
      const end = (): void => void (rest = 0);
      moment.then(end, end);
    },
    async stop() {
      over.abort();
      await Promise.all(work);
      await Promise.all(people.map((person) => hauntEverywhere(trial, person)));
    },
    async takeCensus() {
      await trial.deployment.restartOne(0);
      await Promise.all(people.map(census));
    },
  };
}

async function act(person: Person): Promise<void> {
  const { client, random, held, ended } = person;
  const dice = random();
  if (held === null) await signInAgain(person);
  else if (dice < 0.08) await client.access(held);
  else if (dice < 0.1) await client.forge(held);
  else if (dice < 0.11) await signOut(person, held);
  else if (dice < 0.2 && ended.length > 0) await haunt(person, oneOf(random, ended));
  else await refreshOnce(person);
}

async function refreshOnce(person: Person): Promise<void> {
  const { client, held, namesRequests, old } = person;
  if (held === null) return signInAgain(person);
  const { operation, held: next } = await untilAnswered(client, held, { key: namesRequests ? randomUUID() : null });
  if (operation.outcome === "fail") person.held = null;
  else {
    if (old.push(held) > REMEMBERED) old.shift();
    person.held = next;
  }
}

/** Sends the same token, with the same key if it has one, until there is an answer. */
export async function untilAnswered(client: RecordedClient, held: Held, how: RefreshOptions = {}): Promise<Attempt> {
  for (;;) {
    const attempt = await client.refresh(held, how);
    if (attempt.operation.outcome !== "unknown") return attempt;
    await pause(RETRY_AFTER_MS);
  }
}

async function signOut(person: Person, held: Held): Promise<void> {
  const { outcome } = await person.client.logout(held);
  // Where no answer came it may be over or not: nothing is asked of such a session any more.
  person.held = null;
  if (outcome === "ok" && person.ended.push(held) > REMEMBERED) person.ended.shift();
}

async function signInAgain(person: Person): Promise<void> {
  person.held = await person.client.signIn("login", emailOf(person.client), "body");
  person.old = [];
  if (person.held === null) await pause(RETRY_AFTER_MS);
}

async function haunt({ client, random }: Person, ended: Held): Promise<void> {
  if (random() < 0.5) await client.access(ended);
  else await client.refresh(ended);
}

/** Every server is to know by now who has signed out, whichever it was that was told. */
async function hauntEverywhere({ doors }: Trial, { client, ended }: Person): Promise<void> {
  for (const session of ended) await Promise.all(doors().map((door) => client.access(session, door)));
}

async function census({ client, random, held, old, ended }: Person): Promise<void> {
  for (const session of ended) await client.refresh(session);
  if (held === null) return;
  const { held: newest } = await untilAnswered(client, held);
  await client.refresh(oneOf(random, [...old, held]));
  await client.refresh(newest);
}
