import { auditEvent } from "../audit/audit-event.ts";
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Client } from "./client.ts";
import type { ChangedClient } from "./client-store.ts";
import { checkedName } from "./create-client.ts";
import { checkedRegistration } from "./registration.ts";
import type { NewRegistration, Registration } from "./registration.ts";

/** What is left out stays as it is. */
export interface ClientChanges {
  readonly name?: string | undefined;
  /** How it proves who it is, and what for, cannot be changed: that would be another client. */
  readonly registration?: RegistrationChanges | undefined;
}

type RegistrationChanges = {
  readonly [Name in Exclude<keyof NewRegistration, "grantTypes" | "tokenEndpointAuthMethod">]?: NewRegistration[Name];
};

/** The client as it is to be. Throws `invalid_request` for what no client may be registered with. */
export function changedClient(client: Client, changes: ClientChanges, at: number, origin: Origin): ChangedClient {
  const name = changes.name === undefined ? client.name : checkedName(changes.name);
  const registration = changes.registration === undefined ? client.registration : changed(client.registration, changes.registration);
  const detail = { clientId: client.id, name, ...(registration === null ? {} : { registration }) };
  return { client: { ...client, name, registration }, audit: auditEvent("client_updated", at, origin, {}, detail) };
}

function changed(current: Registration | null, changes: RegistrationChanges): Registration {
  if (current === null) {
    throw new OstiaryError("invalid_request", "This client is none of OAuth's: create one that is.", { reason: "invalid_field", field: "registration" });
  }
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return checkedRegistration({ ...current, ...Object.fromEntries(given) } as NewRegistration);
}
