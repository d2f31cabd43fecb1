/** The bodies of the administrators' API, and what they are made of. Times in ISO 8601, durations in seconds. */
import { z } from "zod";
import { ACTIVITY_RANGES } from "../audit/activity.ts";
import type { RecordedEvent } from "../audit/audit-store.ts";
import type { PublicClient } from "../clients/clients.ts";
import { registrationChanges, registrationRequest, registrationResponse } from "../clients/registration.ts";
import type { KeySummary } from "../keys/keys.ts";
import type { SessionSummary } from "../sessions/session-summary.ts";
import type { PublicFactors, PublicIdentity, PublicUser } from "../users/users.ts";
import { signupRequest } from "./fields.ts";

const time = z.iso.datetime();
const roles = z.array(z.string("must be a list of names"), "must be a list of names").max(50, "must be at most 50");
const next = z.string().nullable().meta({ description: "For the next page, as `after`; null if there is none." });
const { email, password, name } = signupRequest.shape;

export const createUserRequest = z.strictObject({ email, password, name, roles: roles.optional() });
export const setRolesRequest = z.strictObject({ roles });
export const firstAdminRequest = z.strictObject({ token: z.string("is required").max(200, "is none"), email, password, name });
export const rotateKeysRequest = z.strictObject({
  purpose: z.enum(["access", "refresh"], 'must be "access" or "refresh"').default("access"),
  now: z.boolean("must be true or false").default(false).meta({ description: "At once, published long enough or not." }),
});
const clientName = z.string("is required").max(100, "must have at most 100 characters");
export const createClientRequest = z.strictObject({
  name: clientName,
  guard: z.boolean("must be true or false").default(false),
  registration: registrationRequest.optional().meta({ description: "What it may do by OAuth. Left out: nothing." }),
});
export const updateClientRequest = z.strictObject({ name: clientName.optional(), registration: registrationChanges.optional() });

const adminUser = z.object({
  id: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  name: z.string().nullable(),
  roles: z.array(z.string()),
  disabledAt: time.nullable(),
  createdAt: time,
});
export const adminUserResponse = z.object({ user: adminUser });
const adminIdentity = z.object({ issuer: z.string(), subject: z.string(), label: z.string().nullable(), linkedAt: time });
const adminPasskey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  backedUp: z.boolean(),
});
const adminFactors = z.object({ totp: z.boolean(), passkeys: z.array(adminPasskey), recoveryCodesLeft: z.int() });
export const adminUserWithWaysResponse = z.object({
  user: adminUser,
  identities: z.array(adminIdentity).meta({ description: "The accounts elsewhere that let them in, oldest first." }),
  secondFactors: adminFactors,
});
export const adminUsersResponse = z.object({ users: z.array(adminUser), next });

const device = z.object({ label: z.string(), ip: z.string().nullable(), userAgent: z.string().nullable() });
const actor = z.object({ id: z.string(), email: z.string() });
const adminSession = z.object({
  id: z.string(),
  userId: z.string(),
  device,
  remember: z.boolean(),
  createdAt: time,
  lastUsedAt: time,
  expiresAt: time,
  endedAt: time.nullable(),
  endReason: z.string().nullable(),
});
export const adminSessionsResponse = z.object({ sessions: z.array(adminSession), next });

const noteworthy = {
  device,
  healedFrom: z.int().nullable().meta({ description: "Where the store stood, if it had lost writes." }),
  changed: z.record(z.string(), z.unknown()).nullable().meta({ description: "Another user agent or network than before." }),
};
const span = { at: time, until: time };
const step = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("begin"),
    at: time,
    how: z.enum(["login", "signup", "session_adopted"]),
    device,
    remember: z.boolean(),
  }),
  z.object({ kind: z.literal("rotations"), count: z.int(), generation: z.int(), ...span, ...noteworthy }),
  z.object({
    kind: z.literal("repeats"),
    count: z.int(),
    generation: z.int(),
    presented: z.int(),
    late: z.boolean(),
    ...span,
    ...noteworthy,
  }),
  z.object({
    kind: z.literal("theft"),
    at: time,
    presented: z.int(),
    generation: z.int(),
    presentedBy: device,
    lastRotatedBy: device,
  }),
  z.object({ kind: z.literal("end"), at: time, reason: z.string(), device: device.nullable(), by: actor.nullable() }),
  z.object({ kind: z.literal("other"), at: time, type: z.string(), device }),
]);
export const lineageResponse = z.object({
  session: adminSession.nullable().meta({ description: "Null once its row is no longer kept." }),
  user: adminUser.nullable(),
  steps: z.array(step),
  omitted: z
    .int()
    .meta({ description: "How many were left out after the first: steps, and single events where there are too many to read." }),
});

const adminKey = z.object({
  kid: z.string(),
  purpose: z.enum(["access", "refresh", "browser"]),
  algorithm: z.string(),
  origin: z.enum(["generated", "imported", "configured"]),
  state: z.enum(["upcoming", "active", "retiring", "gone"]),
  createdAt: time,
  activatesAt: time.nullable(),
  activatedAt: time.nullable(),
  retiredAt: time.nullable(),
  goneAt: time.nullable(),
  compromised: z.boolean(),
});
export const adminKeyResponse = z.object({ key: adminKey });
export const adminKeysResponse = z.object({ keys: z.array(adminKey), next });

const adminClient = z.object({
  clientId: z.string(),
  name: z.string(),
  guard: z.boolean(),
  registration: registrationResponse.nullable().meta({ description: "What it may do by OAuth; null: nothing." }),
  selfRegistered: z
    .object({
      way: z.enum(["request", "document"]),
      ip: z.string().nullable(),
      clientUri: z.string().nullable(),
      usedAt: time.nullable(),
    })
    .nullable()
    .meta({ description: "How it came by itself, and when it first got a token; null if an administrator made it." }),
  createdAt: time,
});
export const adminClientResponse = z.object({ client: adminClient });
export const adminClientsResponse = z.object({ clients: z.array(adminClient), next });
export const clientSecretResponse = z.object({
  client: adminClient,
  clientSecret: z.string().meta({ description: "Told this once. Empty for a client that has none." }),
});

const auditEvent = z.object({
  id: z.int(),
  at: time,
  type: z.string(),
  userId: z.string().nullable(),
  sessionId: z.string().nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export const auditResponse = z.object({
  events: z.array(auditEvent),
  users: z.record(z.string(), z.string()).meta({ description: "E-mails of the users that the events are of, by their ids." }),
  next: z.string().nullable().meta({ description: "For the next page, as `before` or `after`, whichever it was asked with." }),
  last: z
    .int()
    .meta({ description: "The number of the newest event of all, or 0: where to go on with `after` when there is no `next`." }),
});

export const activityRange = z.enum(ACTIVITY_RANGES, `must be one of ${ACTIVITY_RANGES.join(", ")}`);
const counts = z.object({ signIns: z.int(), failures: z.int(), refreshes: z.int(), thefts: z.int(), revocations: z.int() });
const counted = z.object({ count: z.int(), orMore: z.boolean().meta({ description: "Counted no further." }) });
export const overviewResponse = z.object({
  range: activityRange,
  intervalSeconds: z.int(),
  intervals: z.array(z.object({ from: time, counts })),
  users: counted,
  sessions: counted,
  revocationLog: z.object({ seq: z.int(), readAt: time }),
  guards: z.array(
    z.object({
      clientId: z.string(),
      name: z.string(),
      since: time,
      live: z.boolean().meta({ description: "False while it catches up." }),
      silentSeconds: z.int().meta({ description: "For how long it has taken nothing of what waits for it." }),
      waitingBytes: z.int(),
    }),
  ),
});

export const settingsResponse = z.object({ settings: z.record(z.string(), z.unknown()) });

export function toAdminUser(user: PublicUser): z.output<typeof adminUser> {
  const { id, email: address, emailVerified, name: called, roles: all, disabledAt, createdAt } = user;
  return {
    id,
    email: address,
    emailVerified,
    name: called,
    roles: [...all],
    disabledAt: isoOrNull(disabledAt),
    createdAt: iso(createdAt),
  };
}

export function toAdminIdentity({ linkedAt, ...rest }: PublicIdentity): z.output<typeof adminIdentity> {
  return { ...rest, linkedAt: iso(linkedAt) };
}

export function toAdminSession(session: SessionSummary): z.output<typeof adminSession> {
  const { createdAt, lastUsedAt, expiresAt, endedAt, ...rest } = session;
  return {
    ...rest,
    createdAt: iso(createdAt),
    lastUsedAt: iso(lastUsedAt),
    expiresAt: iso(expiresAt),
    endedAt: isoOrNull(endedAt),
  };
}

export function toAdminKey({
  id,
  createdAt,
  activatesAt,
  activatedAt,
  retiredAt,
  goneAt,
  ...rest
}: KeySummary): z.output<typeof adminKey> {
  return {
    kid: id,
    ...rest,
    createdAt: iso(createdAt),
    activatesAt: isoOrNull(activatesAt),
    activatedAt: isoOrNull(activatedAt),
    retiredAt: isoOrNull(retiredAt),
    goneAt: isoOrNull(goneAt),
  };
}

export function toAdminClient({
  clientId,
  name: called,
  guard,
  registration,
  selfRegistered,
  createdAt,
}: PublicClient): z.output<typeof adminClient> {
  const itself = selfRegistered && { ...selfRegistered, usedAt: isoOrNull(selfRegistered.usedAt) };
  return {
    clientId,
    name: called,
    guard,
    selfRegistered: itself,
    registration: registration && (structuredClone(registration) as z.output<typeof registrationResponse>),
    createdAt: iso(createdAt),
  };
}

export function toAuditEvent({ at, detail, ...rest }: RecordedEvent): z.output<typeof auditEvent> {
  return { ...rest, at: iso(at), detail: { ...detail } };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}

export function toAdminFactors({ totp, passkeys, recoveryCodesLeft }: PublicFactors): z.output<typeof adminFactors> {
  const shown = passkeys.map(({ createdAt, lastUsedAt, ...rest }) => ({
    ...rest,
    createdAt: iso(createdAt),
    lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt),
  }));
  return { totp, passkeys: shown, recoveryCodesLeft };
}
