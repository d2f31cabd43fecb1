/** The wiring, and the only place for it: settings in, an auth server out. What the parts do, they know themselves. */
import { createEmbeddedGuard, createRevocationSet } from "@ostiary/guard/embedded";
import type { AskForKey } from "@ostiary/guard/embedded";
import type { Guard } from "@ostiary/guard";
import { readEnvironment, resolveSettings, startWarnings } from "./config.ts";
import { SIGNING_ALGORITHMS } from "./keys/signing-algorithms.ts";
import { steadyClock } from "./clock.ts";
import type { OstiaryConfig } from "./ostiary-config.ts";
import type { Settings } from "./config-schema.ts";
import type { ApiKeys } from "./api-keys/api-keys.ts";
import { openApiKeys } from "./api-keys/open-api-keys.ts";
import { createClients } from "./clients/clients.ts";
import type { Clients } from "./clients/clients.ts";
import { createFederation } from "./federation/federation.ts";
import { createSelfRegistration, fetchPublicOf } from "./clients/self-registered/create-self-registration.ts";
import type { RegistrationTokens } from "./clients/self-registered/initial-access-tokens.ts";
import { createKnownClients } from "./clients/known-clients.ts";
import { developmentGuardPath, readOrKeep, readSecrets } from "./data-dir.ts";
import type { ClientCredentials } from "./clients/client.ts";
import { ensureDevelopmentClient, newDevelopmentCredentials } from "./clients/development-client.ts";
import { createBrowserTokens } from "./http/browser-tokens.ts";
import { createClientInfo } from "./http/client-address.ts";
import { createProofs, PROOF_SECONDS } from "./http/proofs.ts";
import { createCookies } from "./http/cookies.ts";
import type { FetchHandler } from "./http/node-handler.ts";
import { createRouter } from "./http/router.ts";
import { createWellKnown } from "./http/well-known.ts";
import type { ExpressMiddleware } from "./http/well-known.ts";
import { limitsOf } from "./limits/limits-of.ts";
import { createMonitoring } from "./monitoring/monitoring.ts";
import type { Monitoring } from "./monitoring/monitoring.ts";
import type { RingDeps } from "./keys/change-ring.ts";
import { openKeyring } from "./keys/keyring.ts";
import { createIdTokenHints } from "./oauth/id-token-hint.ts";
import { createLogoutTokens } from "./oauth/logout-token.ts";
import { notifyClients } from "./oauth/notify-clients.ts";
import { createSendLogoutToken } from "./oauth/send-logout-token.ts";
import { createRevocationFeed } from "./revocation/feed.ts";
import { openMail } from "./mail/open-mail.ts";
import { keyPolicyOf } from "./keys/key-policy.ts";
import { createKeySafe } from "./keys/key-safe.ts";
import { createDataSafe } from "./keys/data-safe.ts";
import { createKeys } from "./keys/keys.ts";
import type { Keys } from "./keys/keys.ts";
import type { RevocationFeed } from "./revocation/feed.ts";
import { followRevocations } from "./revocation/revocations.ts";
import { sweepEvery } from "./sweeper.ts";
import { createRefreshTokens } from "./sessions/refresh-token.ts";
import type { SecondFactorDeps } from "./second-factors/second-factors.ts";
import type { SessionDeps } from "./sessions/session-deps.ts";
import { createSessions } from "./sessions/sessions.ts";
import type { Sessions } from "./sessions/sessions.ts";
import { createAssets } from "./pages/assets.ts";
import type { Assets } from "./pages/assets.ts";
import { openStore } from "./stores/open-store.ts";
import type { Store } from "./stores/store.ts";
import { createAccessTokens, userinfoAudience } from "./tokens/access-token.ts";
import { createIdTokens } from "./tokens/id-token.ts";
import type { LoginDeps } from "./users/authenticate.ts";
import { openUsers } from "./users/directory/open-users.ts";
import { openPasswords } from "./users/open-passwords.ts";
import { createUsers } from "./users/users.ts";
import type { Users } from "./users/users.ts";
import { createActivity } from "./audit/activity.ts";
import { LOCAL_ORIGIN } from "./audit/audit-event.ts";
import type { Origin } from "./audit/audit-event.ts";
import { observeAudit } from "./audit/observe-audit.ts";
import { createFirstAdmin } from "./users/first-admin.ts";
import type { Administration } from "./http/admin-deps.ts";
import type { AuditStore } from "./audit/audit-store.ts";

/** An auth server: mount it, serve it, or call it. */
export interface Ostiary<Claims extends object = object> {
  readonly issuer: string;
  /** Answers a request below the issuer, or for the server's health. Needs no `this`. */
  readonly fetch: FetchHandler;
  /** Express middleware for the well-known paths at the root (RFC 8414 §3.1): `app.use(ostiary.wellKnown)`. */
  readonly wellKnown: ExpressMiddleware;
  /** A guard for APIs in this process: it knows of sign-outs at once. */
  readonly guard: Guard<Claims>;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly clients: Clients;
  /** Who may register clients where `dynamicRegistration` is `token`. */
  readonly registrationTokens: RegistrationTokens;
  readonly keys: Keys;
  readonly apiKeys: ApiKeys;
  readonly audit: Pick<AuditStore, "list">;
  /**
   * Guards in other processes that follow the revocation log. Their answers never end by themselves: `end` ends them, and
   * lets no more in, before you close the HTTP server they came through. `close` does it too.
   */
  readonly feed: Pick<RevocationFeed, "followers" | "end">;
  /** Lets go of the database. Requests after that are answered 503. */
  close(): Promise<void>;
}

/** What `ostiary start` serves. */
export interface StartedOstiary<Claims extends object = object> extends Ostiary<Claims> {
  /** Credentials of a guard to begin with, the same at each start. Throws a StartError if they cannot be kept. */
  developmentClient(): Promise<ClientCredentials | null>;
  /** Lets whoever has it become the first administrator, once, within an hour, of this process. Null if there is one. */
  firstAdminToken(): Promise<string | null>;
}

/**
 * Starts an auth server on its database, which is made and migrated if need be.
 * Throws a StartError with one sentence for the operator if it cannot.
 */
export async function createOstiary<Claims extends object = object>(
  config: OstiaryConfig<Claims> = {},
): Promise<Ostiary<Claims>> {
  const settings = resolveSettings({ inCode: config, environment: readEnvironment() });
  for (const warning of startWarnings(settings)) process.emitWarning(warning, "OstiaryWarning");
  return startOstiary<Claims>(settings);
}

/** The same with settings that are resolved already. */
export async function startOstiary<Claims extends object = object>(settings: Settings): Promise<StartedOstiary<Claims>> {
  // What needs no database comes first: after a failure there is nothing to close.
  const assets = createAssets(settings);
  const monitoring = await createMonitoring(settings);
  const queued = { tell(): void {} };
  const store = observeAudit(await openStore(settings), (event) => {
    monitoring.notice(event);
    if (event.mail !== undefined) queued.tell();
  });
  try {
    return await startOn<Claims>(store, settings, monitoring, assets, queued);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function startOn<Claims extends object>(
  store: Store,
  settings: Settings,
  { metrics }: Monitoring,
  assets: Assets,
  queued: { tell(): void },
): Promise<StartedOstiary<Claims>> {
  const { issuer, clock, random, onError, production } = settings;
  const ring: RingDeps = {
    store: store.keys,
    safe: createKeySafe(() => readSecrets(settings), random),
    policy: keyPolicyOf(settings),
    clock,
    random,
  };
  const keyring = await openKeyring({ ...ring, onError });

  const revocationSet = createRevocationSet({ clock });
  // Until the log has been read for the first time there is no router, and so no follower.
  let logReadAt = (): number => clock();
  const feed = createRevocationFeed({
    store: store.revocations,
    clock,
    steadyClock: steadyClock(clock),
    secondsBehind: () => (clock() - logReadAt()) / 1000,
  });
  const fetchPublic = fetchPublicOf(settings);
  const notifier = notifyClients({
    signOns: store.oauth.signOns,
    clients: store.clients,
    audit: store.audit,
    tokens: createLogoutTokens({ keyring, issuer, clock, random }),
    send: createSendLogoutToken(fetchPublic),
    clock,
    onError,
  });
  const revocations = await followRevocations({
    store: store.revocations,
    guards: {
      apply(entry) {
        revocationSet.apply(entry);
        // Whoever takes a key out tells so here: sooner than the ring's next look.
        if (entry.kind === "key") keyring.look();
      },
    },
    followers: {
      apply(entry) {
        feed.apply(entry);
        notifier.apply(entry);
      },
    },
    clock,
    accessTokenSeconds: settings.accessTokenTtl,
    onError,
  });
  logReadAt = () => revocations.readAt;
  const proofs = createProofs({ once: store.oauth.once, keyring, settings });
  const guardFor = <Own extends object>(
    audience: readonly string[],
    { resolveApiKey, acceptsUnproven = false }: { resolveApiKey?: AskForKey; acceptsUnproven?: boolean } = {},
  ): Guard<Own> =>
    createEmbeddedGuard<Own>({
      issuer,
      audience,
      algorithms: SIGNING_ALGORITHMS,
      keys: () => keyring.accessKeys,
      revocations: revocationSet,
      freshness: () => ({ seq: revocations.seq, staleness: (clock() - revocations.readAt) / 1000 }),
      clock,
      resource: issuer,
      dpop: { ...proofs, maxAgeSeconds: PROOF_SECONDS, acceptsUnproven },
      ...(resolveApiKey === undefined ? {} : { resolveApiKey }),
    });
  const guard = guardFor([issuer]);
  // API keys are for applications: the server's own routes know of none.
  const guardOfApis = guardFor<Claims>([issuer], { resolveApiKey: (key) => apiKeys.resolveForGuard(key) });
  const userinfoGuard = guardFor([issuer, userinfoAudience(issuer)]);
  const tokenGuard = guardFor([issuer, userinfoAudience(issuer), ...settings.audience], { acceptsUnproven: true });

  const idTokens = createIdTokens({ keyring, issuer, lifetimeSeconds: settings.accessTokenTtl, clock });

  const limits = limitsOf(store.limits, settings.limits);
  const passwords = await openPasswords(settings);
  const userStore = openUsers(settings.users, { store: store.users, audit: store.audit, revocations, clock, onError });
  const knowsDevice = (userId: string, deviceHash: string) => store.sessions.knowsDevice(userId, deviceHash);
  const mail = await openMail(settings, { users: userStore, store: store.mail, limits, knowsDevice, key: () => keyring.browserSecret });
  queued.tell = () => mail?.outbox.lookSoon();
  const users: LoginDeps = {
    desk: mail?.desk,
    store: userStore,
    audit: store.audit,
    passwords,
    clock,
    limits,
    knowsDevice,
  };
  const sessions: SessionDeps = {
    desk: mail?.desk,
    store: store.sessions,
    keyring,
    refreshTokens: createRefreshTokens(keyring, issuer),
    accessTokens: createAccessTokens({
      keyring,
      issuer,
      audience: settings.audience,
      lifetimeSeconds: settings.accessTokenTtl,
      scopesOfRoles: settings.scopes,
      claims: settings.claims,
      clock,
      random,
    }),
    revocations,
    keepUp: settings.users === undefined ? undefined : (userId) => userStore.find(userId),
    policy: {
      graceSeconds: settings.rotationGrace,
      idleSeconds: settings.refreshTokenTtl,
      absoluteSeconds: settings.sessionTtl,
      rememberSeconds: settings.rememberTtl,
      binding: settings.sessions.bind,
    },
    clock,
    random,
  };

  const access = {
    store: store.sessions,
    oauth: store.oauth,
    log: store.revocations,
    revocations,
    clock,
    accessTokenSeconds: settings.accessTokenTtl,
  };
  const clients = { store: store.clients, access, clock, random };
  const selfRegistration = createSelfRegistration({ settings, store, fetch: fetchPublic, limits, access });
  const knownClients = createKnownClients({ store: store.clients, held: feed, documents: selfRegistration.documents });

  const federation = createFederation({ providers: settings.signInWith, issuer, store: store.federation, clock, random });
  const factors: SecondFactorDeps = {
    store: store.secondFactors,
    safe: createDataSafe(ring),
    audit: store.audit,
    limits,
    name: settings.pages.name,
    passkeys: settings.passkeys,
    issuers: federation.issuers,
    desk: mail?.desk,
    revocations,
    clock,
    random,
  };

  const apiKeys = openApiKeys({ store, users: userStore, revocations, settings });
  const as = (origin: Origin): Administration => ({
    users: createUsers({ ...users, sessions: store.sessions, identities: store.federation, providers: settings.signInWith, factors, random, revocations }, origin),
    sessions: createSessions({ ...sessions, audit: store.audit, log: store.revocations }, origin),
    clients: createClients(clients, origin),
    apiKeys: apiKeys.as(origin),
    keys: createKeys({ ...ring, revocations, origin }, () => keyring.catchUp()),
  });
  const firstAdmin = createFirstAdmin({ ...users, random });
  const router = createRouter({
    settings,
    users,
    sessions,
    clients: { known: knownClients, audit: store.audit, clock, limits },
    selfRegistration,
    oauth: {
      store: store.oauth,
      idTokens,
      readIdTokenHint: createIdTokenHints({ keyring, issuer }),
      clients: store.clients,
      access,
    },
    federation,
    factors,
    apiKeys,
    mail,
    log: store.revocations,
    revocations,
    feed,
    admin: { as, audit: store.audit, activity: createActivity({ audit: store.audit, clock }), firstAdmin },
    keyring,
    guard,
    userinfoGuard,
    tokenGuard,
    cookies: createCookies({ issuerPath: settings.issuerPath, secure: settings.secure, clock, random }),
    proofs,
    browserTokens: createBrowserTokens(() => keyring.browserSecret, random),
    assets,
    metrics,
    check: () => store.check(),
  });
  const clientInfo = createClientInfo(settings.trustProxy ?? 0);
  const fetch: FetchHandler = (request, given = {}) => {
    const info = clientInfo(request, given);
    if (production && info.remoteAddress === undefined) info.onUnknownAddress?.();
    return router.fetch(request, info);
  };
  const sweeper = sweepEvery({ store, auditSeconds: settings.auditRetention, clock, onError });

  return {
    issuer,
    fetch,
    wellKnown: createWellKnown(fetch, settings),
    guard: guardOfApis,
    ...as(LOCAL_ORIGIN),
    registrationTokens: selfRegistration.tokensAs(LOCAL_ORIGIN),
    audit: { list: (query) => store.audit.list(query) },
    async developmentClient() {
      const kept = readOrKeep(developmentGuardPath(settings), random, () => newDevelopmentCredentials(random));
      return ensureDevelopmentClient(clients, kept);
    },
    // Whether a table of the application's own has administrators is not known here.
    firstAdminToken: async () => (settings.users === undefined ? firstAdmin.offer() : null),
    feed,
    async close() {
      feed.end();
      knownClients.close();
      sweeper.stop();
      keyring.close();
      revocations.close();
      await notifier.close();
      await mail?.outbox.close();
      guard.close();
      guardOfApis.close();
      userinfoGuard.close();
      tokenGuard.close();
      await passwords.close();
      await store.close();
    },
  };
}
