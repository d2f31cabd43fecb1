import type { Settings } from "../config-schema.ts";
import { createFederation } from "../federation/federation.ts";
import type { Federation } from "../federation/federation.ts";
import type { RingDeps } from "../keys/change-ring.ts";
import { createDataSafe } from "../keys/data-safe.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Limits } from "../limits/limits.ts";
import { openMail } from "../mail/open-mail.ts";
import type { Mail } from "../mail/open-mail.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { SecondFactorDeps } from "../second-factors/second-factors.ts";
import type { Store } from "../stores/store.ts";
import type { LoginDeps } from "../users/authenticate.ts";
import { openUsers } from "../users/directory/open-users.ts";
import { openPasswords } from "../users/open-passwords.ts";
import type { OpenPasswords } from "../users/open-passwords.ts";

export interface People {
  readonly users: LoginDeps;
  readonly passwords: OpenPasswords;
  readonly mail: Mail | null;
  readonly federation: Federation;
  readonly factors: SecondFactorDeps;
}

/** Who people are, and how they show it. */
export async function openPeople(
  store: Store,
  { settings, limits, keyring, ring, revocations }: {
    settings: Settings;
    limits: Limits;
    keyring: Pick<Keyring, "browserSecret">;
    ring: RingDeps;
    revocations: RevocationPublisher;
  },
): Promise<People> {
  const { issuer, clock, random, onError } = settings;
  const { audit } = store;
  const passwords = await openPasswords(settings);
  const userStore = openUsers(settings.users, { store: store.users, audit, revocations, clock, onError });
  const knowsDevice: LoginDeps["knowsDevice"] = (userId, deviceHash) => store.sessions.knowsDevice(userId, deviceHash);
  const mailDeps = { users: userStore, store: store.mail, limits, knowsDevice, key: () => keyring.browserSecret };
  const mail = await openMail(settings, mailDeps);
  const desk = mail?.desk;
  const federation = createFederation({ providers: settings.signInWith, issuer, store: store.federation, clock, random });
  const factors: SecondFactorDeps = {
    store: store.secondFactors,
    safe: createDataSafe(ring),
    audit,
    limits,
    name: settings.pages.name,
    passkeys: settings.passkeys,
    issuers: federation.issuers,
    desk,
    revocations,
    clock,
    random,
  };
  return {
    users: { desk, store: userStore, audit, passwords, clock, limits, knowsDevice },
    passwords,
    mail,
    federation,
    factors,
  };
}
