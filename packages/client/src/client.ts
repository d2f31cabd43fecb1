/**
 * The client of the server's first door: users sign in with their password in the app itself. It does nothing before it is
 * used, so it can be made at the top of a module, on a server as well.
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
import { createCookieCredential } from "./cookie-credential.ts";
import { systemEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { createIssuerApi } from "./issuer-api.ts";
import type { ApiRequest } from "./issuer-api.ts";
import { issuerOf } from "./issuer-of.ts";
import { createKeeper } from "./keeper.ts";
import type { PasskeyStep, SecondStep } from "./second-step.ts";
import type { SessionClient, SessionOptions } from "./session-client.ts";
import { createSession } from "./session.ts";
import { createStoredCredential } from "./stored-credential.ts";
import { createTabLock } from "./tab-lock.ts";
import { memoryStorage } from "./token-storage.ts";
import type { TokenStorage } from "./token-storage.ts";
import { toTokens } from "./tokens.ts";

export interface AuthClientOptions extends SessionOptions {
  /** `cookie` (the default) for browsers, `body` for everything else. */
  readonly delivery?: "cookie" | "body" | undefined;
  /** With `delivery: "body"`: where the session is kept. Default: in memory, for as long as the process lives. */
  readonly storage?: TokenStorage | undefined;
}

export type Credentials = Omit<LoginRequest, "delivery">;
export type Registration = Omit<SignupRequest, "delivery">;

/** Every method rejects with an `AuthError`. All can be passed around without their object. */
export interface AuthClient extends SessionClient<User> {
  /**
   * Signs in, here and in the other tabs. Rejects with `mfa_required` where that takes a second step: it is called again then,
   * with the error's `mfaToken` and a code.
   */
  readonly login: (credentials: Credentials | SecondStep | PasskeyStep) => Promise<User>;
  /** Makes an account and signs in. Null where accounts are concealed: a mail is on its way, by which it is made. */
  readonly signup: (registration: Registration) => Promise<User | null>;
  /** Signs out on all devices. Rejects, and changes nothing, if the server cannot be reached. */
  readonly logoutAll: () => Promise<void>;
  readonly updateUser: (changes: UpdateMeRequest) => Promise<User>;
  /** Ends the user's other sessions. */
  readonly changePassword: (passwords: ChangePasswordRequest) => Promise<void>;
  /** The devices the user is signed in on. */
  readonly listSessions: () => Promise<DeviceSession[]>;
  /** Signs one device out. */
  readonly revokeSession: (id: string) => Promise<void>;
}

/** Throws a `TypeError` if the issuer or an origin is not a URL. */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  return createAuthClientIn(systemEnvironment(options), options);
}

export function createAuthClientIn(environment: Environment, options: AuthClientOptions): AuthClient {
  const { now } = environment;
  const { delivery = "cookie" } = options;
  const issuer = issuerOf(options.issuer);
  const byCookie = delivery === "cookie";

  const reach = { issuer, credentials: byCookie ? "include" : "omit" } as const;
  const api = createIssuerApi(environment, reach);
  const session = createSession<User>(now);
  const credential = byCookie
    ? createCookieCredential(environment, { issuer, api, csrfToken: () => session.tokens()?.csrfToken ?? null })
    : createStoredCredential(environment.newKey, options.storage ?? memoryStorage());
  const name = `ostiary ${issuer}`;
  const lock = createTabLock(environment, name);
  const { start, change, methods } = createKeeper({
    ...options,
    environment,
    issuer,
    name,
    lock,
    door: api,
    credential,
    session,
    // Tabs share cookies, so they share what comes of them. What a storage is shared with nobody can know.
    hear: byCookie ? session.apply : null,
  });

  // The client's own fetch brings the token, and a better one where it is refused.
  const userApi = createIssuerApi({ ...environment, fetch: methods.fetch }, reach);

  async function asUser<Body = null>(path: string, request: ApiRequest): Promise<Body> {
    if ((await methods.getAccessToken()) === null) throw new AuthError("signed_out", "Nobody is signed in.");
    return userApi(path, request);
  }

  async function signIn(path: string, body: object): Promise<User | null> {
    start();
    return lock.run(async () => {
      const at = now();
      const answer = await api<TokenResponse | null>(path, { body });
      if (!answer) return answer;
      await credential.keep(answer);
      change({ at, tokens: toTokens(answer, at, environment.random()), reason: null });
      return answer.user;
    });
  }

  return {
    ...methods,
    login: (by) =>
      // The second step goes on as the first one began.
      ("mfaToken" in by
        ? signIn("/login/second-factor", by)
        : signIn("passkeyToken" in by ? "/login/passkey" : "/login", { ...by, delivery })) as Promise<User>,
    signup: (registration) => signIn("/signup", { ...registration, delivery }),
    async logoutAll() {
      await asUser("/logout-all", {});
      await credential.keep(null);
      change({ at: now(), tokens: null, reason: "signed_out" });
    },
    async updateUser(changes) {
      const at = now();
      const { user } = await asUser<UserResponse>("/me", { method: "PATCH", body: changes });
      const tokens = session.tokens();
      if (tokens !== null) change({ at, tokens: { ...tokens, user }, reason: null });
      return user;
    },
    async changePassword(passwords) {
      await asUser("/password", { body: passwords });
      // The access token is stale from now on; if this fails, the next request finds out.
      await start()
        .now()
        .catch(() => {});
    },
    listSessions: async () => (await asUser<SessionsResponse>("/sessions", { method: "GET" })).sessions,
    revokeSession: (id) => asUser(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }),
  };
}
