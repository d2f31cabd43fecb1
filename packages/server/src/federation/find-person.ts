import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { deviceDetail } from "../mail/device-detail.ts";
import type { DescribedOrigin } from "../mail/device-detail.ts";
import type { Random } from "../random.ts";
import { factorsOf, hasSecondFactors } from "../second-factors/second-factors.ts";
import type { SecondFactorDeps } from "../second-factors/second-factors.ts";
import type { LoginDeps } from "../users/authenticate.ts";
import { emailIdentity } from "../users/email.ts";
import { NO_PASSWORD } from "../users/no-password.ts";
import { DEFAULT_ROLES } from "../users/roles.ts";
import type { User } from "../users/user.ts";
import type { Federation } from "./federation.ts";
import type { Identity } from "./federation-store.ts";
import { FederationError } from "./provider-client.ts";
import type { Profile } from "./provider-client.ts";
import type { SignInProvider } from "./provider.ts";

export interface PersonDeps {
  readonly federation: Pick<Federation, "store">;
  readonly users: LoginDeps;
  readonly random: Random;
}

export interface FindPersonDeps extends PersonDeps {
  readonly factors: Pick<SecondFactorDeps, "store">;
}

/**
 * Whose account it is, and whether the identity is to be linked to it once they are in: by their second step; or that somebody
 * has to show by its password that it is theirs.
 */
export type Person =
  | { readonly kind: "user"; readonly user: User; readonly isNew: boolean; readonly toLink: boolean }
  | { readonly kind: "password"; readonly email: string };

/** Two who come at once find what the other has made at the second look. */
const LOOKS = 3;

/**
 * The account of somebody whom another issuer has named. It is theirs by issuer and subject; by an e-mail address only where
 * it was proven twice: to us, for the account, and to a provider whose word on it counts. Or whoever registers an address
 * that is not theirs, here or there, would share an account with its owner. Throws a FederationError, `too_many_attempts`.
 */
export async function findPerson(
  deps: FindPersonDeps,
  provider: SignInProvider,
  profile: Profile,
  origin: DescribedOrigin,
): Promise<Person> {
  const { federation, users } = deps;
  for (let looks = 0; looks < LOOKS; looks++) {
    const identity = await federation.store.find(profile.issuer, profile.subject);
    if (identity !== null) return { kind: "user", user: await ownerOf(deps, identity, provider), isNew: false, toLink: false };
    const { email } = profile;
    if (email === null) throw new FederationError("no_email", `${provider.name} tells no e-mail address.`);
    const namesake = await users.store.findByEmail(emailIdentity(email));
    if (namesake === null) {
      const user = await create(deps, provider, profile, email, origin);
      if (user !== null) return { kind: "user", user, isNew: true, toLink: false };
    } else if (profile.emailVerified && namesake.emailVerified && namesake.disabledAt === null) {
      const person = { kind: "user", user: namesake, isNew: false } as const;
      if (hasSecondFactors(await factorsOf(deps.factors, namesake.id))) return { ...person, toLink: true };
      if (await linkIdentity(deps, namesake, provider, profile, origin, "email")) return { ...person, toLink: false };
    } else {
      return { kind: "password", email: namesake.email };
    }
  }
  throw new FederationError("refused", `Several with the same identity of ${provider.name} came at once.`);
}

/** Writes to the user of it. False if somebody has it. `by` says what showed that it is theirs. */
export async function linkIdentity(
  { federation, users }: PersonDeps,
  { id: userId, email }: Pick<User, "id" | "email">,
  provider: SignInProvider,
  profile: Profile,
  origin: DescribedOrigin,
  by: "email" | "password" | "session",
): Promise<boolean> {
  const identity = identityOf(userId, profile, users.clock());
  const told = { ...deviceDetail(origin), provider: provider.name };
  const notice = users.desk?.draft({ kind: "identity_linked", userId, to: email, detail: told });
  const audit = auditEvent(
    "identity_linked",
    identity.linkedAt,
    origin,
    { userId },
    { with: provider.id, by, label: profile.label },
    notice,
  );
  return federation.store.link(identity, audit);
}

async function ownerOf({ users }: PersonDeps, { userId }: Identity, { name }: SignInProvider): Promise<User> {
  const user = await users.store.find(userId);
  if (user === null || user.disabledAt !== null) {
    throw new FederationError("disabled", `Whoever came by ${name} is disabled here.`);
  }
  return user;
}

/** Null if somebody has the e-mail or the identity by now. */
async function create(
  { federation, users, random }: PersonDeps,
  provider: SignInProvider,
  profile: Profile,
  email: string,
  origin: Origin,
) {
  await users.limits.signup(origin.ip);
  const user: User = {
    id: random.uuid(),
    email,
    emailVerified: profile.emailVerified,
    name: profile.name,
    roles: DEFAULT_ROLES,
    passwordHash: NO_PASSWORD,
    tokenVersion: 1,
    disabledAt: null,
    createdAt: users.clock(),
  };
  const audit = auditEvent("user_created", user.createdAt, origin, { userId: user.id }, { roles: user.roles, with: provider.id });
  const outcome = await federation.store.createUser(user, identityOf(user.id, profile, user.createdAt), audit);
  return outcome === "created" ? user : null;
}

function identityOf(userId: string, { issuer, subject, label }: Profile, linkedAt: number): Identity {
  return { issuer, subject, userId, label, linkedAt };
}
