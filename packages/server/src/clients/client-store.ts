import type { RevocationEntry } from "@ostiary/protocol";
import type { AuditEvent } from "../audit/audit-event.ts";
import type { RevocationDraft } from "../revocation/revocation-store.ts";
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
  /**
   * Reads the client, lets `change` say what becomes of it, and writes that, with no other change in between.
   * What `change` throws comes out, and nothing is written. Null if there is no such client.
   */
  update(id: string, change: (client: Client) => ChangedClient): Promise<EntryOfClient | null>;
  /**
   * What users have allowed it goes along, its API keys, and codes that wait to be redeemed. What it was, or null if there
   * is no such client.
   */
  delete(id: string, deletion: ClientDeletion): Promise<EntryOfClient | null>;
}

export interface ChangedClient {
  /** With the same id and secret. */
  readonly client: Client;
  readonly audit: AuditEvent;
  /** What of the client's own tokens becomes of the log; left out if they stay as good as they were. */
  readonly revocation?: RevocationDraft;
}

/** A client, and what its change has left in the log. */
export interface EntryOfClient {
  readonly client: Client;
  readonly entry: RevocationEntry | null;
}

export interface ClientDeletion {
  readonly audit: AuditEvent;
  /** What of the client's own tokens becomes of the log; null if it can have none. */
  readonly revocation: (client: Client) => RevocationDraft | null;
}
