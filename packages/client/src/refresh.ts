/**
 * Asks the auth server for the next tokens, once for everyone who waits in this tab, and once for all tabs where they
 * can agree. Owns what each answer means for the session. When to ask is not its business.
 */
import type { TokenResponse } from "@ostiary/protocol";
import { AuthError, isPassing } from "./auth-error.ts";
import type { Credential } from "./credential.ts";
import type { Environment } from "./environment.ts";
import type { IssuerApi } from "./issuer-api.ts";
import type { AuthReason, Change, Session } from "./session.ts";
import type { TabLock } from "./tab-lock.ts";
import { toTokens } from "./tokens.ts";

/** Half a minute of waiting would be worse than being told. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3000;
/** Then the server has had its time, and the key makes asking again harmless. */
const PATIENCE_MS = 10_000;
/** How long the lock is kept afterwards: tabs that wait for it hear the result first, and need not ask. */
const ECHO_MS = 100;

export interface RefreshDeps {
  readonly environment: Environment;
  readonly api: IssuerApi;
  readonly credential: Credential;
  readonly session: Session;
  readonly lock: TabLock;
  /** Applies a change and tells the other tabs. */
  readonly change: (change: Change) => void;
}

/**
 * Resolves when the session has been renewed or has ended, here or by another tab.
 * Rejects with an `AuthError` if nothing could be learnt.
 */
export type Refresh = () => Promise<void>;

export function createRefresh(deps: RefreshDeps): Refresh {
  let underWay: Promise<void> | null = null;
  return () => {
    underWay ??= attempt(deps).finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

async function attempt(deps: RefreshDeps): Promise<void> {
  const { environment, session } = deps;
  const seen = session.version();
  const isSettled = (): boolean => session.version() !== seen;
  for (let tried = 1; !isSettled(); tried++) {
    try {
      return await takeTurn(deps, isSettled);
    } catch (error) {
      const pause = Math.max(FIRST_PAUSE_MS * 2 ** tried * environment.random(), waitOf(error) * 1000);
      const isLast = tried === ATTEMPTS || pause > LONGEST_PAUSE_MS || (await deps.credential.isAbandoned());
      if (!isPassing(error) || isLast) throw error;
      await environment.pause(pause);
    }
  }
}

/** Asks when it is this tab's turn. What another tab has learnt by then spares the question, and the wait. */
function takeTurn(deps: RefreshDeps, isSettled: () => boolean): Promise<void> {
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

async function askServer(deps: RefreshDeps): Promise<void> {
  const { environment, credential, session, change } = deps;
  const at = environment.now();
  if (await credential.isAbandoned()) return endSession(deps);
  try {
    const answer = await renew(deps);
    if (answer === null) return change({ at, tokens: null, reason: reasonWithoutProof(session, at) });
    await credential.keep(answer);
    change({ at, tokens: toTokens(answer, at, environment.random()), reason: null });
  } catch (error) {
    if (isTheEnd(error)) {
      await credential.forget();
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

/** Null if there is no session to renew. */
async function renew({ api, credential }: RefreshDeps): Promise<TokenResponse | null> {
  return withProof(credential, async (proof) => {
    const headers = { ...proof.headers, "Idempotency-Key": await credential.key() };
    return api<TokenResponse>("/refresh", { ...proof, headers, timeoutMs: PATIENCE_MS });
  });
}

/**
 * Tells the server that the user has signed out, and this app at once. Rejects with an `AuthError` if the server cannot
 * be told now: then it is told later, and the session does not come back until then.
 */
export async function endSession({ environment, api, credential, change }: RefreshDeps): Promise<void> {
  const at = environment.now();
  try {
    await withProof(credential, (proof) => api("/logout", proof));
    await credential.forget();
  } catch (error) {
    if (isTheEnd(error)) await credential.forget();
    else {
      await credential.abandon();
      throw error;
    }
  } finally {
    change({ at, tokens: null, reason: "signed_out" });
  }
}

async function withProof<T>(
  credential: Credential,
  send: (proof: NonNullable<Awaited<ReturnType<Credential["proof"]>>>) => Promise<T>,
): Promise<T | null> {
  const proof = await credential.proof();
  if (proof === null) return null;
  try {
    return await send(proof);
  } catch (error) {
    // Another tab may have signed in as someone else.
    if (!(error instanceof AuthError && error.code === "csrf_failed")) throw error;
    const other = await credential.proof(true);
    if (other === null) return null;
    return send(other);
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
function reasonWithoutProof(session: Session, now: number): "signed_out" | "expired" | null {
  const tokens = session.tokens();
  if (tokens === null) return null;
  return now < tokens.expiresAt ? "signed_out" : "expired";
}

function waitOf(error: unknown): number {
  return error instanceof AuthError ? (error.retryAfterSeconds ?? 0) : 0;
}
