import type { AuditEvent } from "../audit/audit-event.ts";
import type { Client } from "./client.ts";

/** Each method that changes something is one transaction, its audit event included. */
export interface ClientStore {
  /** False, with nothing changed, if a client has this id already. */
  create(client: Client, audit: AuditEvent): Promise<boolean>;
  find(id: string): Promise<Client | null>;
  /** Those of the ids that there are, in any order. */
  findAll(ids: readonly string[]): Promise<Client[]>;
  /** In the order of their ids; `after` is the last id of the page before. */
  list(query: { after?: string; limit: number }): Promise<Client[]>;
  /** The old secret is good for nothing from then on. Null if there is no such client. */
  replaceSecret(id: string, secretHash: Uint8Array, audit: AuditEvent): Promise<Client | null>;
  /** What it was, or null if there is no such client. */
  delete(id: string, audit: AuditEvent): Promise<Client | null>;
}
