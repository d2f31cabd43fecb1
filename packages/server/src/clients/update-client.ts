import { isDeepStrictEqual } from "node:util";
import { auditEvent } from "../audit/audit-event.ts";
import type { AuditEvent, Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { Client } from "./client.ts";
import { heldAfter } from "./self-registered/held.ts";
import type { ChangedClient } from "./client-store.ts";
import { checkedName } from "./create-client.ts";
import { checkedRegistration, isServiceAccount } from "./registration.ts";
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

/**
 * The client as it is to be. Tokens that it has in its own name, and its API keys, say from then on what they say of it now.
 * Throws `invalid_request` for what no client may be registered with.
 */
export function changedClient(client: Client, changes: ClientChanges, at: number, origin: Origin): ChangedClient {
  checkSelfRegistered(client, changes);
  const name = changes.name === undefined ? client.name : checkedName(changes.name);
  const registration =
    changes.registration === undefined ? client.registration : changed(client.registration, changes.registration);
  const detail = { clientId: client.id, name, ...(registration === null ? {} : { registration }) };
  const audit = auditEvent("client_updated", at, origin, {}, detail);
  const { selfRegistered } = client;
  if (selfRegistered === undefined) return replacedClient(client, { name, registration }, audit);
  const held = heldAfter(selfRegistered.held ?? {}, client.registration, registration);
  return replacedClient({ ...client, selfRegistered: { ...selfRegistered, held } }, { name, registration }, audit);
}

function checkSelfRegistered({ selfRegistered }: Client, { registration }: ClientChanges): void {
  if (selfRegistered === undefined || registration === undefined) return;
  const refuse = (message: string): OstiaryError =>
    new OstiaryError("invalid_request", message, { reason: "invalid_field", field: "registration" });
  if (selfRegistered.way === "document") {
    throw refuse("The document at its id says what this client is registered with, and would say it again.");
  }
  if (registration.firstParty === true) throw refuse("A client that registered itself is none of your own: create one that is.");
}

/** The client with another name and registration, both checked by the caller. */
export function replacedClient(client: Client, to: Pick<Client, "name" | "registration">, audit: AuditEvent): ChangedClient {
  if (saysTheSame(client.registration, to.registration)) return { client: { ...client, ...to }, audit };
  const tokenVersion = client.tokenVersion + 1;
  const value = client.id;
  const revocation = {
    kind: "subject",
    value,
    version: tokenVersion,
    effect: "stale",
    reason: "client_updated",
    at: audit.at,
  } as const;
  return { client: { ...client, ...to, tokenVersion }, audit, revocation };
}

/** Of the client itself, in tokens of its own name. */
function saysTheSame(before: Registration | null, after: Registration | null): boolean {
  if (before === null || after === null || !isServiceAccount(after)) return true;
  return isSameSet(before.scopes, after.scopes) && isSameSet(before.roles, after.roles);
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return isDeepStrictEqual(new Set(one), new Set(other));
}

function changed(current: Registration | null, changes: RegistrationChanges): Registration {
  if (current === null) {
    throw new OstiaryError("invalid_request", "This client is none of OAuth's: create one that is.", {
      reason: "invalid_field",
      field: "registration",
    });
  }
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return checkedRegistration({ ...current, ...Object.fromEntries(given) } as NewRegistration);
}
