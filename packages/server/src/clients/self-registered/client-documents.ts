import { isDeepStrictEqual } from "node:util";
import { auditEvent, LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import type { Clock } from "../../clock.ts";
import { OstiaryError } from "../../errors.ts";
import { NotFetched } from "../../fetching/not-fetched.ts";
import type { Fetched, FetchPublic } from "../../fetching/fetch-public.ts";
import { createRemembered, keptFor } from "../../fetching/remembered.ts";
import type { Kept } from "../../fetching/remembered.ts";
import type { Limits } from "../../limits/limits.ts";
import type { Client } from "../client.ts";
import type { ClientStore } from "../client-store.ts";
import { readMetadata } from "./client-metadata.ts";
import type { MetadataPolicy } from "./client-metadata.ts";
import { isDocumentId } from "./document-id.ts";
import type { SelfRegisteredStore } from "./self-registered-store.ts";

/** Of a document (draft-ietf-oauth-client-id-metadata-document §6.6). */
const MAX_BYTES = 5 * 1024;
const MINUTE = 60_000;
/** How long a document is taken for what it was, by its Cache-Control within these. */
const KEPT = { min: MINUTE, max: 24 * 60 * MINUTE, usual: 5 * MINUTE };
/** What was no good is asked for again soon: long enough that nobody can have us ask all the time. */
const REFUSED_MS = 10_000;
/** A host that does not answer leaves its clients what they were for so long. */
const STALE_MS = 24 * 60 * MINUTE;
const MAX_REMEMBERED = 1000;
const MAX_AT_ONCE = 16;

export interface ClientDocumentDeps {
  readonly fetch: FetchPublic;
  readonly clients: Pick<ClientStore, "find">;
  readonly store: Pick<SelfRegisteredStore, "keepDocument">;
  readonly limits: Pick<Limits, "clientDocument">;
  readonly policy: MetadataPolicy;
  readonly allowLoopback: boolean;
  readonly clock: Clock;
}

export interface ClientDocuments {
  isId(clientId: string): boolean;
  /**
   * The client whose id is the address of its document; null if that is no good. `address` is who has us look: throws
   * `too_many_attempts` after many that had to be fetched, and `unavailable` if too many are being fetched already.
   */
  find(clientId: string, address: string | null): Promise<Client | null>;
  /** Why `find` gave null a moment ago, for whoever writes the document. */
  problemOf(clientId: string): string;
  /** Keeps what the document says among the clients: its users see who has access, and the operator. */
  keep(client: Client): Promise<void>;
}

/** A client, or why there is none. `lasting`: the document is there, and says something else. */
type Read = { readonly client: Client } | { readonly client: null; readonly problem: string; readonly lasting: boolean };

export function createClientDocuments({
  fetch,
  clients,
  store,
  limits,
  policy,
  allowLoopback,
  clock,
}: ClientDocumentDeps): ClientDocuments {
  const remembered = createRemembered<Read>({ clock, maxEntries: MAX_REMEMBERED, maxAtOnce: MAX_AT_ONCE });

  async function read(clientId: string): Promise<Kept<Read>> {
    const now = clock();
    try {
      const answer = await fetch(clientId, { maxBytes: MAX_BYTES });
      return {
        value: { client: clientOf(clientId, answer, policy, now) },
        until: now + keptFor(answer.headers["cache-control"], KEPT),
      };
    } catch (error) {
      const value = problemWith(error);
      const last = value.lasting ? null : await clients.find(clientId);
      const isFresh = now - (last?.selfRegistered?.readAt ?? 0) <= STALE_MS;
      const until = now + REFUSED_MS;
      return last !== null && isFresh ? { value: { client: last }, until } : { value, until, isRefusal: true };
    }
  }

  return {
    isId: (clientId) => isDocumentId(clientId, allowLoopback),
    async find(clientId, address) {
      if (!isDocumentId(clientId, allowLoopback)) return null;
      const known = remembered.peek(clientId);
      if (known !== undefined) return known.client;
      await limits.clientDocument(address);
      const found = await remembered.get(clientId, () => read(clientId));
      if (found !== null) return found.client;
      throw new OstiaryError("unavailable", "Too many documents of clients are being fetched. Try again shortly.", {
        reason: "overloaded",
        retryAfterSeconds: 1,
      });
    },
    problemOf(clientId) {
      const known = remembered.peek(clientId);
      return known === undefined || known.client !== null ? "The document at client_id cannot be used." : known.problem;
    },
    async keep(client) {
      const { selfRegistered } = client;
      if (selfRegistered?.way !== "document") return;
      const kept = await clients.find(client.id);
      const isSame = kept !== null && kept.name === client.name && isDeepStrictEqual(kept.registration, client.registration);
      const age = (selfRegistered.readAt ?? 0) - (kept?.selfRegistered?.readAt ?? 0);
      if (isSame && age < STALE_MS / 24) return;
      const detail = { clientId: client.id, name: client.name, selfRegistered: "document", registration: client.registration };
      await store.keepDocument(client, auditEvent("client_created", clock(), LOCAL_ORIGIN, {}, detail));
    },
  };
}

/** Throws an OstiaryError for what is no document of this client's, in words for whoever writes it. */
function clientOf(clientId: string, { status, headers, body }: Fetched, policy: MetadataPolicy, now: number): Client {
  if (status !== 200) throw refused(`was answered with the status ${status}`);
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(headers["content-type"] ?? "")) {
    throw refused("is not of the type application/json");
  }
  const document = parsedObject(body);
  if (document["client_id"] !== clientId) throw refused("has another client_id, or none");
  if ("client_secret" in document || "client_secret_expires_at" in document) {
    throw refused("has a secret that everybody can read");
  }
  const method = document["token_endpoint_auth_method"] ?? "none";
  if (method !== "none" && method !== "private_key_jwt") {
    throw refused("must have token_endpoint_auth_method none or private_key_jwt");
  }
  const { name, registration, said } = readMetadata({ ...document, token_endpoint_auth_method: method }, policy);
  const selfRegistered = { way: "document", ip: null, tokenHash: null, said, readAt: now, usedAt: null } as const;
  return { id: clientId, name, guard: false, secretHash: null, createdAt: now, tokenVersion: 1, registration, selfRegistered };
}

function parsedObject(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw refused("is no JSON object");
}

/** Nothing of the network, but that it did not work: or strangers could look around in it with our eyes. */
function problemWith(error: unknown): Exclude<Read, { client: Client }> {
  if (error instanceof OstiaryError && error.code !== "unavailable") {
    const isOurs = error.code !== "invalid_request";
    return {
      client: null,
      problem: isOurs ? `The document at client_id cannot be used: ${error.message}` : error.message,
      lasting: true,
    };
  }
  if (error instanceof NotFetched) {
    return { client: null, problem: "The document at client_id could not be fetched.", lasting: false };
  }
  throw error;
}

function refused(what: string): OstiaryError {
  return new OstiaryError("invalid_request", `The document at client_id ${what}.`);
}

