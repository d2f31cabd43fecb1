import type { Activity, ActivityRange } from "../audit/activity.ts";
import type { Origin } from "../audit/audit-event.ts";
import type { ApiKeys } from "../api-keys/api-keys.ts";
import type { AuditStore } from "../audit/audit-store.ts";
import type { Clients } from "../clients/clients.ts";
import type { Keys } from "../keys/keys.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { FirstAdmin } from "../users/first-admin.ts";
import type { Users } from "../users/users.ts";

/** The domains, for somebody: what they do is audited as theirs. */
export interface Administration {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly clients: Clients;
  readonly keys: Keys;
  readonly apiKeys: ApiKeys;
}

export interface AdminDeps {
  readonly as: (origin: Origin) => Administration;
  readonly audit: Pick<AuditStore, "list" | "listFrom">;
  readonly activity: { over(range: ActivityRange): Promise<Activity> };
  readonly firstAdmin: Pick<FirstAdmin, "claim">;
}
