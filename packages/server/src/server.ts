/**
 * The wiring, and with `wiring/` the only place for it: settings in, an auth server out. What the parts do, they know
 * themselves.
 */
import { openApiKeys } from "./api-keys/open-api-keys.ts";
import { createActivity } from "./audit/activity.ts";
import { LOCAL_ORIGIN } from "./audit/audit-event.ts";
import { observeAudit } from "./audit/observe-audit.ts";
import { ensureDevelopmentClient, newDevelopmentCredentials } from "./clients/development-client.ts";
import { fetchPublicOf } from "./clients/self-registered/create-self-registration.ts";
import type { Settings } from "./config-schema.ts";
import { readEnvironment, resolveSettings, startWarnings } from "./config.ts";
import { developmentGuardPath, readOrKeep } from "./data-dir.ts";
import { createBrowserTokens } from "./http/browser-tokens.ts";
import { createCookies } from "./http/cookies.ts";
import { createProofs } from "./http/proofs.ts";
import { createWellKnown } from "./http/well-known.ts";
import { limitsOf } from "./limits/limits-of.ts";
import { createMonitoring } from "./monitoring/monitoring.ts";
import type { Metrics } from "./monitoring/metrics.ts";
import type { Monitoring } from "./monitoring/monitoring.ts";
import type { OstiaryConfig } from "./ostiary-config.ts";
import type { Ostiary, StartedOstiary } from "./ostiary.ts";
import { createAssets } from "./pages/assets.ts";
import type { Assets } from "./pages/assets.ts";
import { openStore } from "./stores/open-store.ts";
import type { Store } from "./stores/store.ts";
import { sweepEvery } from "./sweeper.ts";
import { createFirstAdmin } from "./users/first-admin.ts";
import { administrationOf } from "./wiring/administration.ts";
import { createFetch } from "./wiring/create-fetch.ts";
import { createGuards } from "./wiring/create-guards.ts";
import { openClients } from "./wiring/open-clients.ts";
import { openKeys } from "./wiring/open-keys.ts";
import { openNotifier } from "./wiring/open-notifier.ts";
import { openPeople } from "./wiring/open-people.ts";
import { openRevocations } from "./wiring/open-revocations.ts";
import { sessionDepsOf } from "./wiring/session-deps-of.ts";

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
    const domains = await openDomains(store, settings);
    queued.tell = () => domains.people.mail?.outbox.lookSoon();
    return serve<Claims>(domains, monitoring, assets);
  } catch (error) {
    await store.close();
    throw error;
  }
}

type Domains = Awaited<ReturnType<typeof openDomains>>;

/** All that knows no requests. */
async function openDomains(store: Store, settings: Settings) {
  const limits = limitsOf(store.limits, settings.limits);
  const fetchPublic = fetchPublicOf(settings);
  const keys = await openKeys(store.keys, settings);
  const { keyring, ring } = keys;
  const notifier = openNotifier(store, { settings, keyring, fetchPublic });
  const log = await openRevocations(store.revocations, { settings, keyring, notifier });
  const { revocations, feed } = log;

  const people = await openPeople(store, { settings, limits, keyring, ring, revocations });
  const { users } = people;
  const sessions = sessionDepsOf(store.sessions, { settings, keyring, users, revocations });
  const programs = openClients(store, { settings, limits, keyring, fetchPublic, revocations, held: feed });
  const apiKeys = openApiKeys({ store, users: users.store, revocations, settings });
  return { store, settings, limits, keys, notifier, log, people, sessions, programs, apiKeys };
}

function serve<Claims extends object>(domains: Domains, { metrics }: Monitoring, assets: Assets): StartedOstiary<Claims> {
  const { store, settings, log, people, programs } = domains;
  const { issuer, clock, random, onError } = settings;
  const { fetch, as, firstAdmin, guardOfApis, closeGuards } = openDoors<Claims>(domains, metrics, assets);
  const sweeper = sweepEvery({ store, auditSeconds: settings.auditRetention, clock, onError });
  return {
    issuer,
    fetch,
    wellKnown: createWellKnown(fetch, settings),
    guard: guardOfApis,
    ...as(LOCAL_ORIGIN),
    registrationTokens: programs.selfRegistration.tokensAs(LOCAL_ORIGIN),
    audit: { list: (query) => store.audit.list(query) },
    async developmentClient() {
      const kept = readOrKeep(developmentGuardPath(settings), random, () => newDevelopmentCredentials(random));
      return ensureDevelopmentClient(programs.clients, kept);
    },
    // Whether a table of the application's own has administrators is not known here.
    firstAdminToken: async () => (settings.users === undefined ? firstAdmin.offer() : null),
    feed: log.feed,
    async close() {
      log.feed.end();
      programs.knownClients.close();
      sweeper.stop();
      domains.keys.keyring.close();
      log.revocations.close();
      await domains.notifier.close();
      await people.mail?.outbox.close();
      closeGuards();
      await people.passwords.close();
      await store.close();
    },
  };
}

/** The ways in: requests, the guards, and the domains for programs. */
function openDoors<Claims extends object>(domains: Domains, metrics: Metrics | null, assets: Assets) {
  const { store, settings, limits, keys, log, people, sessions, programs, apiKeys } = domains;
  const { issuerPath, secure, clock, random } = settings;
  const { keyring } = keys;
  const { audit } = store;
  const { users, mail, federation, factors } = people;
  const { clients, knownClients, selfRegistration, oauth } = programs;
  const { revocations, feed } = log;

  const proofs = createProofs({ once: store.oauth.once, keyring, settings });
  const resolveApiKey = apiKeys.resolveForGuard;
  const { guardOfApis, ...guards } = createGuards<Claims>({ ...log, settings, keyring, proofs, resolveApiKey });
  const as = administrationOf(store, { settings, keys, revocations, people, sessions, clients, apiKeys });
  const firstAdmin = createFirstAdmin({ ...users, random });
  const fetch = createFetch({
    settings,
    users,
    sessions,
    clients: { known: knownClients, audit, clock, limits },
    selfRegistration,
    oauth,
    federation,
    factors,
    apiKeys,
    mail,
    log: store.revocations,
    revocations,
    feed,
    admin: { as, audit, activity: createActivity({ audit, clock }), firstAdmin },
    keyring,
    ...guards,
    cookies: createCookies({ issuerPath, secure, clock, random }),
    proofs,
    browserTokens: createBrowserTokens(() => keyring.browserSecret, random),
    assets,
    metrics,
    check: () => store.check(),
  });
  const closeGuards = (): void => [guardOfApis, ...Object.values(guards)].forEach((guard) => guard.close());
  return { fetch, as, firstAdmin, guardOfApis, closeGuards };
}
