/**
 * Asks the auth server for the next tokens, once for everyone who waits in this tab, and once for all tabs where they
 * can agree. Owns what each answer means for the session. When to ask is not its business.
 */
import { AuthError, isPassing } from "./auth-error.ts";
import type { Credential, Proof } from "./credential.ts";
import type { Environment } from "./environment.ts";
import type { ApiRequest } from "./issuer-api.ts";
import type { AuthReason, Change, Session } from "./session.ts";
import type { TabLock } from "./tab-lock.ts";
import { toTokens } from "./tokens.ts";
import type { TokenAnswer } from "./tokens.ts";

/** Half a minute of waiting would be worse than being told. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3000;
/** Then the server has had its time, and the key makes asking again harmless. */
const PATIENCE_MS = 10_000;
/** How long the lock is kept afterwards: tabs that wait for it hear the result first, and need not ask. */
const ECHO_MS = 100;

/** The two requests a session needs, at one of the server's doors. Rejects with an `AuthError`. */
export type Door<Person> = (path: "/refresh" | "/logout", request: ApiRequest) => Promise<TokenAnswer<Person> | null>;

export interface RefreshDeps<Person> {
  readonly environment: Environment;
  readonly door: Door<Person>;
  readonly credential: Credential;
  readonly session: Session<Person>;
  readonly lock: TabLock;
  /** Applies a change and tells the other tabs. */
  readonly change: (change: Change<Person>) => void;
}

/**
 * Resolves when the session has been renewed or has ended, here or by another tab.
 * Rejects with an `AuthError` if nothing could be learnt.
 */
export type Refresh = () => Promise<void>;

export function createRefresh<Person>(deps: RefreshDeps<Person>): Refresh {
  let underWay: Promise<void> | null = null;
  return () => {
    underWay ??= attempt(deps).finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

async function attempt<Person>(deps: RefreshDeps<Person>): Promise<void> {
  const { environment, session } = deps;
  const seen = session.version();
  const isSettled = (): boolean => session.version() !== seen;
  for (let tried = 1; !isSettled(); tried++) {
    try {
      await takeTurn(deps, isSettled);
    } catch (error) {
      if (!isPassing(error)) throw error;
      const pause = Math.max(FIRST_PAUSE_MS * 2 ** tried * environment.random(), (error.retryAfterSeconds ?? 0) * 1000);
      if (tried === ATTEMPTS || pause > LONGEST_PAUSE_MS || (await deps.credential.isAbandoned())) throw error;
      await environment.pause(pause);
    }
  }
}

/** Asks when it is this tab's turn. What another tab has learnt by then spares the question, and the wait. */
function takeTurn<Person>(deps: RefreshDeps<Person>, isSettled: () => boolean): Promise<void> {
  const { environment, session, lock } = deps;
  return new Promise((resolve, reject) => {
    const stopListening = session.watch(resolve);
    const work = async (): Promise<void> => {
      stopListening();
      if (isSettled()) return resolve();
      await askServer(deps).then(resolve, reject);
      if (environment.page !== null) await environment.pause(ECHO_MS);
    };
    lock.run(work).catch(reject);
  });
}

async function askServer<Person>(deps: RefreshDeps<Person>): Promise<void> {
  const { environment, credential, session, change } = deps;
  const at = environment.now();
  if (await credential.isAbandoned()) return endSession(deps);
  try {
    const answer = await settle(credential, async (proof) => {
      const headers = { ...proof.headers, "Idempotency-Key": await credential.key() };
      return deps.door("/refresh", { ...proof, headers, timeoutMs: PATIENCE_MS });
    });
    if (answer === undefined) return;
    const tokens = answer && toTokens(answer, at, environment.random());
    change({ at, tokens, reason: tokens ? null : reasonWithoutProof(session, at) });
  } catch (error) {
    if (isTheEnd(error)) {
      const reason = error.code === "missing_token" ? reasonWithoutProof(session, at) : reasonOf(error);
      return change({ at, tokens: null, reason });
    }
    // Refused for where this page is from: it will not be let in later either.
    const isRefused = error instanceof AuthError && !isPassing(error);
    const isUsable = (session.tokens()?.expiresAt ?? 0) > at;
    if (isRefused && !isUsable) change({ at, tokens: null, reason: reasonWithoutProof(session, at) });
    throw error;
  }
}

/**
 * Tells the server that the user has signed out, and this app at once. Rejects with an `AuthError` if the server cannot
 * be told now: then it is told later, and the session does not come back until then.
 */
export async function endSession<Person>({ environment, door, credential, change }: RefreshDeps<Person>): Promise<void> {
  const at = environment.now();
  try {
    // Whatever another tab has put in its place meanwhile is signed out of as well.
    while ((await settle(credential, (proof) => door("/logout", proof))) === undefined);
  } catch (error) {
    if (isTheEnd(error)) return;
    await credential.abandon();
    throw error;
  } finally {
    change({ at, tokens: null, reason: "signed_out" });
  }
}

/**
 * Sends the proof, and keeps what comes of it. Null if there was nothing to send, undefined if another tab's session has
 * taken the place of this one: what comes late says nothing about that one.
 */
async function settle<Answer extends Pick<TokenAnswer<unknown>, "refreshToken"> | null>(
  credential: Credential,
  send: (proof: Proof) => Promise<Answer>,
  anew = false,
): Promise<Answer | null | undefined> {
  let proof: Proof | null = null;
  try {
    proof = await credential.proof(anew);
    const answer = proof && (await send(proof));
    return (await credential.keep(answer, proof)) ? answer : undefined;
  } catch (error) {
    // Another tab may have signed in as someone else.
    if (!anew && error instanceof AuthError && error.code === "csrf_failed") return settle(credential, send, true);
    if (isTheEnd(error) && !(await credential.keep(null, proof))) return;
    throw error;
  }
}

/** Only an Ostiary server that says so ends a session: no proxy, no network, no limit. */
function isTheEnd(error: unknown): error is AuthError {
  return error instanceof AuthError && (error.code === "invalid_token" || error.code === "missing_token");
}

function reasonOf({ reason }: AuthError): Exclude<AuthReason, "offline"> {
  return reason === "session_revoked" || reason === "refresh_token_reused" ? reason : "expired";
}

/** The cookie is gone: it has expired with the session, or was cleared by a sign-out elsewhere in this browser. */
function reasonWithoutProof(session: Pick<Session<unknown>, "tokens">, now: number): "signed_out" | "expired" | null {
  const tokens = session.tokens();
  if (tokens === null) return null;
  return now < tokens.expiresAt ? "signed_out" : "expired";
}
