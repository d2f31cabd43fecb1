import { systemEnvironment } from "../environment.ts";
import type { Environment } from "../environment.ts";
import { issuerOf } from "../issuer-of.ts";
import { createKeeper } from "../keeper.ts";
import type { SessionClient, SessionOptions } from "../session-client.ts";
import { createSession } from "../session.ts";
import type { Change, Tokens } from "../session.ts";
import { createStoredCredential } from "../stored-credential.ts";
import { createTabLock } from "../tab-lock.ts";
import type { TabLock } from "../tab-lock.ts";
import { memoryStorage } from "../token-storage.ts";
import type { TokenStorage } from "../token-storage.ts";
import { toTokens } from "../tokens.ts";
import type { TokenAnswer } from "../tokens.ts";
import { createOAuthDoor } from "./oauth-door.ts";
import type { Profile } from "./id-token.ts";
import { beginSignIn, takeArrival } from "./sign-in.ts";
import type { Arrival, SignInOptions } from "./sign-in.ts";
import { browserTab } from "./tab.ts";
import type { Tab } from "./tab.ts";

export interface RedirectClientOptions extends SessionOptions {
  /** Of a public client: `ostiary clients create web --public --redirect-uri …`. */
  readonly clientId: string;
  /** Where users come back to, as it is registered: a page of this app, which calls `handleRedirect`. */
  readonly redirectUri: string;
  /** Separated by spaces; `openid` is always asked for. Default: `openid profile offline_access`. */
  readonly scope?: string | undefined;
  /** The APIs that access tokens are for (RFC 8707). Default: all that the scopes are of. */
  readonly resource?: string | readonly string[] | undefined;
  /**
   * Where the refresh token is kept. Default: in memory, until the page is left; with `dpop` beside its key, where it
   * outlives reloads and is one for all tabs.
   */
  readonly storage?: TokenStorage | undefined;
}

/** Every method rejects with an `AuthError`. All can be passed around without their object. */
export interface RedirectClient extends SessionClient<Profile> {
  /** Leaves for the auth server's sign-in. */
  readonly signIn: (options?: SignInOptions) => Promise<void>;
  /**
   * On the page that users come back to: exchanges what the address has brought, and takes it out of the address. Resolves
   * with where to go on in the app, as a path, or with null if nobody has come back here. Rejects with what the server has
   * refused (`access_denied`, `login_required`), or with `foreign_answer`, where nothing was exchanged.
   */
  readonly handleRedirect: () => Promise<string | null>;
  /**
   * Signs out here, in the other tabs, and at the auth server. Leaves for there; `returnTo` must be registered with the
   * client.
   */
  readonly signOut: (options?: { readonly returnTo?: string | undefined }) => Promise<void>;
}

/** Throws a `TypeError` if the issuer, the redirect URI or an origin is not a URL. */
export function createRedirectClient(options: RedirectClientOptions): RedirectClient {
  return createRedirectClientIn(systemEnvironment(options), browserTab(), options);
}

export function createRedirectClientIn(
  environment: Environment,
  tab: Tab | null,
  options: RedirectClientOptions,
): RedirectClient {
  const { clientId, redirectUri, dpop, scope = "openid profile offline_access" } = options;
  const { now, newKey, random } = environment;
  const issuer = issuerOf(options.issuer);
  const app = { issuer, clientId, redirectUri };
  const name = `ostiary ${issuer} ${clientId}`;
  const asked = parametersOf(scope, options.resource);

  const { door, redeem, idToken } = createOAuthDoor(environment, app);
  const session = createSession<Profile>(now);
  const shared = options.storage === undefined ? dpop?.storage(name) : undefined;
  const credential = createStoredCredential(newKey, shared ?? options.storage ?? memoryStorage());
  const turns = createTabLock(environment, name);

  let taken: Promise<Arrival | null> | null = null;
  let finished: Promise<string | null> | null = null;

  /** Whoever is to change the session exchanges first what the address has brought, once for everybody. */
  const lock: TabLock = {
    run(work) {
      if (taken === null) {
        // At once: when it is our turn, the app may have gone on to another address.
        taken = take();
        taken.catch(() => {}); // `finished` tells it.
      }
      return turns.run(async () => {
        finished ??= finish();
        await finished.catch(() => {});
        return work();
      });
    },
  };
  // Each tab has a session of its own, and tells no more than that its user has signed out, unless tabs share one.
  const followOut = ({ tokens, reason }: Change<Profile>): void => {
    const isOut = tokens === null && reason === "signed_out" && session.tokens() !== null;
    if (isOut) methods.logout().catch(() => {});
  };
  // One that has found nothing where nothing is kept, as without `offline_access`, says nothing of what others have.
  const follow = (made: Change<Profile>): void => {
    if (made.tokens ?? made.reason) session.apply(made);
  };
  const hear = shared === undefined ? followOut : follow;
  const { start, change, methods } = createKeeper({
    ...options,
    environment,
    issuer,
    name,
    lock,
    door,
    credential,
    session,
    hear,
  });

  async function take(): Promise<Arrival | null> {
    return tab === null ? null : takeArrival(tab, app);
  }

  async function finish(): Promise<string | null> {
    const arrival = await taken;
    if (arrival === null) return null;
    const at = now();
    const answer = await redeem(arrival);
    const before = await credential.proof();
    await credential.keep(answer);
    change({ at, tokens: tokensOf(answer, at), reason: null });
    // Nobody would end the one before any more.
    if (before !== null) door("/logout", before).catch(() => {});
    return arrival.returnTo;
  }

  /** Without a refresh token there is nothing to do ahead of the end. */
  function tokensOf(answer: TokenAnswer<Profile>, at: number): Tokens<Profile> {
    const tokens = toTokens(answer, at, random());
    const { expiresAt } = tokens;
    return answer.refreshToken === undefined ? { ...tokens, refreshAt: expiresAt, urgentAt: expiresAt } : tokens;
  }

  return {
    ...methods,
    async signIn(how = {}) {
      const from = here(tab);
      const boundTo = dpop === undefined ? [] : [["dpop_jkt", await dpop.thumbprint()] as const];
      from.go(await beginSignIn(from, app, newKey, how, [...asked, ...boundTo]));
    },
    async handleRedirect() {
      const turn = lock.run(async () => {});
      start();
      await turn;
      return finished;
    },
    async signOut({ returnTo } = {}) {
      const { go } = here(tab);
      // The ID token of a session that another tab began is asked for.
      if (idToken() === null && session.tokens() !== null) await methods.refresh().catch(() => {});
      await methods.logout();
      const url = new URL(`${issuer}/oauth/logout`);
      const parameters = { client_id: clientId, id_token_hint: idToken(), post_logout_redirect_uri: returnTo };
      for (const [key, value] of Object.entries(parameters)) if (value) url.searchParams.set(key, value);
      go(url.href);
    },
  };
}

function here(tab: Tab | null): Tab {
  if (tab === null) throw new TypeError("Only a page in a browser can leave for the sign-in and come back.");
  return tab;
}

function parametersOf(scope: string, resource: string | readonly string[] = []): (readonly [string, string])[] {
  const scopes = new Set(["openid", ...scope.split(" ").filter(Boolean)]);
  return [["scope", [...scopes].join(" ")], ...[resource].flat().map((one) => ["resource", one] as const)];
}
