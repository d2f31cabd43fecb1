import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { Limits } from "../limits/limits.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UserDeps } from "./authenticate.ts";
import { emailIdentity } from "./email.ts";
import type { User } from "./user.ts";

export type UnlockDeps = Pick<UserDeps, "store" | "audit" | "clock"> & {
  readonly limits: Pick<Limits, "forgive" | "forgiveSecondFactor">;
  readonly sessions: Pick<SessionStore, "listKept">;
};

/** Longer than the last wrong password of one address for one account matters: thirty days. */
const LOOK_BACK_MS = 31 * 24 * 3600 * 1000;
const PAGE = 1000;

/**
 * Forgets the wrong passwords and second steps that were tried for a user, wherever they came from: the counts are kept under
 * hashes, so the audit tells the addresses and the sessions tell the browsers. Null if there is no such user.
 */
export async function unlockUser(deps: UnlockDeps, userId: string, origin: Origin): Promise<User | null> {
  const user = await deps.store.find(userId);
  if (user === null) return null;
  const sessions = await deps.sessions.listKept(userId);
  const devices = sessions.flatMap(({ deviceHash }) => deviceHash ?? []);
  await deps.limits.forgiveSecondFactor({ userId, devices });
  await deps.limits.forgive({
    userId,
    emailIdentity: emailIdentity(user.email),
    addresses: await addressesOfFailures(deps, userId),
    devices,
  });
  await deps.audit.append(auditEvent("user_unlocked", deps.clock(), origin, { userId }));
  return user;
}

async function addressesOfFailures({ audit, clock }: UnlockDeps, userId: string): Promise<(string | null)[]> {
  const addresses = new Set<string | null>();
  const since = clock() - LOOK_BACK_MS;
  for (let before: number | undefined; ; ) {
    const page = await audit.list({ userId, limit: PAGE, ...(before === undefined ? {} : { before }) });
    for (const { type, ip } of page) if (type === "login_failed") addresses.add(ip);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE || last.at < since) return [...addresses];
    before = last.id;
  }
}
