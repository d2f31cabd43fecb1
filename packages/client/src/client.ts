/**
 * The client: wires the session, its refreshing and its tabs together, and is what apps call. It does nothing before it
 * is used, so it can be made at the top of a module, on a server as well.
 */
import type {
  ChangePasswordRequest,
  LoginRequest,
  Session as DeviceSession,
  SessionsResponse,
  SignupRequest,
  TokenResponse,
  UpdateMeRequest,
  User,
  UserResponse,
} from "@ostiary/protocol";
import { AuthError } from "./auth-error.ts";
import { createAuthenticatedFetch } from "./authenticated-fetch.ts";
import { createCookieCredential } from "./cookie-credential.ts";
import { systemEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { createIssuerApi } from "./issuer-api.ts";
import type { ApiRequest } from "./issuer-api.ts";
import { keepFresh } from "./keep-fresh.ts";
import type { KeepFresh } from "./keep-fresh.ts";
import { createRefresh, endSession } from "./refresh.ts";
import { createSession } from "./session.ts";
import type { AuthSnapshot, Change } from "./session.ts";
import { createStoredCredential, memoryStorage } from "./stored-credential.ts";
import type { TokenStorage } from "./stored-credential.ts";
import { openTabChannel } from "./tab-channel.ts";
import { createTabLock } from "./tab-lock.ts";
import { toTokens } from "./tokens.ts";

export interface AuthClientOptions {
  /** The auth server's URL, as in its configuration: `http://localhost:4000/auth`. */
  readonly issuer: string;
  /** Origins that `fetch` sends the access token to, besides the issuer's and the page's own. */
  readonly apiOrigins?: readonly string[] | undefined;
  /** `cookie` (the default) for browsers, `body` for everything else. */
  readonly delivery?: "cookie" | "body" | undefined;
  /** With `delivery: "body"`: where the session is kept. Default: in memory, for as long as the process lives. */
  readonly storage?: TokenStorage | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export type Credentials = Omit<LoginRequest, "delivery">;
export type Registration = Omit<SignupRequest, "delivery">;

/** Every method rejects with an `AuthError`. All can be passed around without their object. */
export interface AuthClient {
  readonly issuer: string;
  /** Signs in, here and in the other tabs. */
  readonly login: (credentials: Credentials) => Promise<User>;
  /** Makes an account and signs in. */
  readonly signup: (registration: Registration) => Promise<User>;
  /**
   * Signs out, here and in the other tabs, at once. Rejects if the server could not be told: then it is told as soon as
   * it can be reached, and the session does not come back.
   */
  readonly logout: () => Promise<void>;
  /** Signs out on all devices. Rejects, and changes nothing, if the server cannot be reached. */
  readonly logoutAll: () => Promise<void>;
  /**
   * The global `fetch`, with the access token for the issuer's origin, the page's own and `apiOrigins`; nobody else gets
   * it. Where it is refused although it should be good, it is renewed and the request sent once more, unless its body
   * was a stream or a `Request`.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Good for at least some seconds. Null if nobody is signed in. Rejects if it cannot be renewed at the moment. */
  readonly getAccessToken: () => Promise<string | null>;
  /** Renews the tokens now, so that changed roles and names are seen. */
  readonly refresh: () => Promise<AuthSnapshot>;
  /** Resolves when it is known whether someone is signed in, or that this cannot be known now: then still `restoring`. */
  readonly ready: () => Promise<AuthSnapshot>;
  /** What to show. The same object until something changes. */
  readonly snapshot: () => AuthSnapshot;
  /** Calls back after each change of the snapshot; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly updateUser: (changes: UpdateMeRequest) => Promise<User>;
  /** Ends the user's other sessions. */
  readonly changePassword: (passwords: ChangePasswordRequest) => Promise<void>;
  /** The devices the user is signed in on. */
  readonly listSessions: () => Promise<DeviceSession[]>;
  /** Signs one device out. */
  readonly revokeSession: (id: string) => Promise<void>;
  /** Stops refreshing and listening to other tabs. */
  readonly close: () => void;
}

/** Throws a `TypeError` if the issuer or an origin is not a URL. */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  return createAuthClientIn(systemEnvironment(options.fetch), options);
}

export function createAuthClientIn(environment: Environment, options: AuthClientOptions): AuthClient {
  const { page, now, random } = environment;
  const { delivery = "cookie" } = options;
  const issuer = new URL(options.issuer).href.replace(/\/+$/, "");
  const byCookie = delivery === "cookie";

  const api = createIssuerApi(environment, { issuer, credentials: byCookie ? "include" : "omit" });
  const session = createSession(now);
  const credential = byCookie
    ? createCookieCredential(environment, { issuer, api, csrfToken: () => session.tokens()?.csrfToken ?? null })
    : createStoredCredential(environment.newKey, options.storage ?? memoryStorage());
  const lock = createTabLock(environment, `ostiary ${issuer}`);
  // Tabs share cookies, so they share what comes of them. What a storage is shared with nobody can know.
  const channel = byCookie ? openTabChannel(environment, `ostiary ${issuer}`, session.apply) : null;
  const change = (made: Change): void => {
    if (session.apply(made)) channel?.tell(made);
  };
  const deps = { environment, api, credential, session, lock, change };
  const refresh = createRefresh(deps);
  let running: KeepFresh | null = null;

  function start(): KeepFresh {
    if (running === null) {
      running = keepFresh({ environment, credential, session, refresh });
      if (session.snapshot().status === "restoring") running.now().catch(() => {});
    }
    return running;
  }

  /** The token a request can be sent with now. */
  async function getAccessToken(): Promise<string | null> {
    const fresh = start();
    const tokens = session.tokens();
    if (tokens === null && session.snapshot().status === "signed_out") return null;
    if (tokens !== null && now() < tokens.refreshAt) return tokens.accessToken;
    const renewed = fresh.now();
    if (tokens !== null && now() < tokens.urgentAt) {
      renewed.catch(() => {});
      return tokens.accessToken;
    }
    try {
      await renewed;
    } catch (error) {
      if (tokens === null || now() >= tokens.expiresAt) throw error;
    }
    return session.tokens()?.accessToken ?? null;
  }

  /** A better one than the one that was just refused, or null. The server is asked, whatever the refusal said. */
  async function nextToken(refused: string): Promise<string | null> {
    if (session.tokens()?.accessToken === refused) await start().now().catch(() => {});
    const token = session.tokens()?.accessToken ?? null;
    return token === refused ? null : token;
  }

  async function asUser<Body = null>(path: string, request: ApiRequest): Promise<Body> {
    const send = (token: string): Promise<Body> =>
      api<Body>(path, { ...request, headers: { Authorization: `Bearer ${token}` } });
    const token = await getAccessToken();
    if (token === null) throw new AuthError("signed_out", "Nobody is signed in.");
    try {
      return await send(token);
    } catch (error) {
      const next = error instanceof AuthError && error.code === "invalid_token" ? await nextToken(token) : null;
      if (next === null) throw error;
      return send(next);
    }
  }

  async function signIn(path: string, input: Credentials | Registration): Promise<User> {
    start();
    return lock.run(async () => {
      const at = now();
      const answer = await api<TokenResponse>(path, { body: { ...input, delivery } });
      await credential.keep(answer);
      change({ at, tokens: toTokens(answer, at, random()), reason: null });
      return answer.user;
    });
  }

  async function logout(): Promise<void> {
    const fresh = start();
    try {
      await lock.run(() => endSession(deps));
    } catch (error) {
      fresh.failed(error);
      throw error;
    }
  }

  async function logoutAll(): Promise<void> {
    await asUser("/logout-all", {});
    await credential.forget();
    change({ at: now(), tokens: null, reason: "signed_out" });
  }

  async function updateUser(changes: UpdateMeRequest): Promise<User> {
    const at = now();
    const { user } = await asUser<UserResponse>("/me", { method: "PATCH", body: changes });
    const tokens = session.tokens();
    if (tokens !== null) change({ at, tokens: { ...tokens, user }, reason: null });
    return user;
  }

  async function changePassword(passwords: ChangePasswordRequest): Promise<void> {
    await asUser("/password", { body: passwords });
    // The access token is stale from now on; if this fails, the next request finds out.
    await start().now().catch(() => {});
  }

  async function ready(): Promise<AuthSnapshot> {
    const fresh = start();
    if (session.snapshot().status === "restoring") await fresh.now().catch(() => {});
    return session.snapshot();
  }

  async function refreshNow(): Promise<AuthSnapshot> {
    await start().now();
    return session.snapshot();
  }

  return {
    issuer,
    login: (credentials) => signIn("/login", credentials),
    signup: (registration) => signIn("/signup", registration),
    logout,
    logoutAll,
    fetch: createAuthenticatedFetch({
      fetch: environment.fetch,
      baseUrl: () => page?.baseUrl(),
      origins: originsOf([issuer, page?.location.origin, ...(options.apiOrigins ?? [])]),
      accessToken: getAccessToken,
      nextToken,
    }),
    getAccessToken,
    refresh: refreshNow,
    ready,
    snapshot: session.snapshot,
    subscribe(listener) {
      start();
      return session.subscribe(listener);
    },
    updateUser,
    changePassword,
    listSessions: async () => (await asUser<SessionsResponse>("/sessions", { method: "GET" })).sessions,
    revokeSession: (id) => asUser(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }),
    close() {
      running?.stop();
      channel?.close();
    },
  };
}

/** The origin of files and sandboxed frames is `null`, which is nobody's. */
function originsOf(urls: readonly (string | undefined)[]): ReadonlySet<string> {
  const known = urls.filter((url) => url !== undefined && url !== "null");
  return new Set(known.map((url) => new URL(url as string).origin));
}
