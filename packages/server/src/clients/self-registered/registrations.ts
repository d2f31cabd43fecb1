import { timingSafeEqual } from "node:crypto";
import { auditEvent } from "../../audit/audit-event.ts";
import type { Origin } from "../../audit/audit-event.ts";
import { OstiaryError } from "../../errors.ts";
import { NotFetched } from "../../fetching/not-fetched.ts";
import type { FetchPublic } from "../../fetching/fetch-public.ts";
import { createRemembered } from "../../fetching/remembered.ts";
import type { Limits } from "../../limits/limits.ts";
import type { AccessDeps } from "../../oauth/end-access.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import { hashOfSecret, isSecretOf, newClientSecret } from "../client.ts";
import type { Client } from "../client.ts";
import { createClients } from "../clients.ts";
import { hasSecret } from "../create-client.ts";
import type { ClientDeps } from "../create-client.ts";
import { replacedClient } from "../update-client.ts";
import { readMetadata } from "./client-metadata.ts";
import type { MetadataPolicy, Told } from "./client-metadata.ts";
import { withinHeld } from "./held.ts";
import type { Said } from "./self-registered.ts";
import type { SelfRegisteredStore } from "./self-registered-store.ts";

const MAX_SECTOR_BYTES = 64 * 1024;
const SECTOR_KEPT_MS = 10_000;

type Given = Readonly<Record<string, unknown>>;

export interface RegistrationDeps extends ClientDeps {
  readonly access: AccessDeps;
  readonly selfRegistered: Pick<SelfRegisteredStore, "register" | "isGood" | "noteUsed">;
  /** Who may register at all. */
  readonly mode: "off" | "token" | "open";
  readonly policy: Omit<MetadataPolicy, "clientCredentials">;
  readonly limits: Pick<Limits, "registration" | "wrongToken">;
  readonly fetch: FetchPublic;
}

/** A client and what it can show from now on. */
export interface Registered {
  readonly client: Client;
  /** Empty if it has none, or had it before: the database has a hash of it. */
  readonly clientSecret: string;
  /** With it the registration is read, changed and deleted (RFC 7592 §1.3). */
  readonly registrationToken: string;
}

/** What clients may do with their own registrations (RFC 7591, RFC 7592). */
export interface Registrations {
  readonly mode: RegistrationDeps["mode"];
  /**
   * `token` is an initial access token, where one is asked for. Throws `missing_token` or `invalid_token` without a good one,
   * `too_many_attempts`, and `invalid_client_metadata`, `invalid_redirect_uri` or `invalid_software_statement`.
   */
  register(given: Given, token: string | null, origin: Origin): Promise<Registered>;
  /** Each throws `invalid_token` for a token that is not of this client, also where there is no such client. */
  read(clientId: string, token: string, origin: Origin): Promise<Registered>;
  /**
   * All that is registered, anew; the token is another from then on. It counts as one more. Throws as `register` for what
   * is told.
   */
  replace(clientId: string, given: Given, token: string, origin: Origin): Promise<Registered>;
  remove(clientId: string, token: string, origin: Origin): Promise<void>;
  /** The client has got a token: it is not dropped any more for never having been used. */
  noteUsed(client: Client): Promise<void>;
}

export function createRegistrations(deps: RegistrationDeps): Registrations {
  const { store, selfRegistered, mode, limits, clock, random } = deps;
  const policy: MetadataPolicy = { ...deps.policy, clientCredentials: mode === "token" };

  const sectors = createSectors(deps);

  async function spends(token: string | null, origin: Origin): Promise<{ hash: string; at: number } | null> {
    if (mode === "open") return null;
    if (token === null) throw new OstiaryError("missing_token", "Send an initial access token, as a bearer token.");
    const spent = { hash: hashOf(token), at: clock() };
    if (await selfRegistered.isGood(spent.hash, spent.at)) return spent;
    await limits.wrongToken(origin.ip);
    throw refusedToken();
  }

  async function told(given: Given): Promise<Told> {
    const checked = readMetadata(given, policy);
    await checkSector(sectors, checked);
    return checked;
  }

  /** The client that the token may change. */
  async function owned(clientId: string, token: string, origin: Origin): Promise<Client> {
    const client = await store.find(clientId);
    if (client !== null && isTokenOf(client, token)) return client;
    await limits.wrongToken(origin.ip);
    throw refusedToken();
  }

  return {
    mode,
    async register(given, token, origin) {
      await limits.registration(origin.ip);
      const spent = await spends(token, origin);
      const { name, registration, said } = await told(given);
      const clientSecret = hasSecret(registration) ? newClientSecret(random) : "";
      const registrationToken = newClientSecret(random);
      const at = clock();
      const client: Client = {
        id: random.uuid(),
        name,
        guard: false,
        secretHash: clientSecret === "" ? null : hashOfSecret(clientSecret),
        createdAt: at,
        tokenVersion: 1,
        registration,
        selfRegistered: { way: "request", ip: origin.ip, tokenHash: hashOf(registrationToken), said, readAt: null, usedAt: null },
      };
      const detail = { clientId: client.id, name, selfRegistered: "request", registration };
      if (await selfRegistered.register(client, auditEvent("client_created", at, origin, {}, detail), spent)) {
        return { client, clientSecret, registrationToken };
      }
      throw refusedToken();
    },

    async read(clientId, token, origin) {
      return { client: await owned(clientId, token, origin), clientSecret: "", registrationToken: token };
    },

    async replace(clientId, given, token, origin) {
      const before = await owned(clientId, token, origin);
      await limits.registration(origin.ip);
      checkSame(before, given);
      const { name, registration: wanted, said } = await told(given);
      if (wanted.tokenEndpointAuthMethod !== before.registration?.tokenEndpointAuthMethod) {
        throw new OstiaryError(
          "invalid_client_metadata",
          "token_endpoint_auth_method cannot be changed: register another client.",
        );
      }
      const registrationToken = newClientSecret(random);
      const replaced = await store.update(clientId, (current) => {
        // Of two at once with the same token the second finds another by now.
        if (current.selfRegistered === undefined || !isTokenOf(current, token)) throw refusedToken();
        const itself = { ...current.selfRegistered, tokenHash: hashOf(registrationToken), said };
        const registration = withinHeld(wanted, itself.held);
        const detail = { clientId, name, selfRegistered: "request", registration };
        return replacedClient(
          { ...current, selfRegistered: itself },
          { name, registration },
          auditEvent("client_updated", clock(), origin, {}, detail),
        );
      });
      if (replaced === null) throw refusedToken();
      if (replaced.entry !== null) deps.access.revocations.publish(replaced.entry);
      return { client: replaced.client, clientSecret: "", registrationToken };
    },

    async remove(clientId, token, origin) {
      await owned(clientId, token, origin);
      await createClients(deps, origin).delete(clientId);
    },

    async noteUsed({ id, selfRegistered: itself }) {
      if (itself === undefined || itself.usedAt !== null) return;
      // It has its token already: what fails here is noted with the next one.
      await selfRegistered.noteUsed(id, clock()).catch(() => {});
    },
  };
}

function isTokenOf({ selfRegistered }: Client, token: string): boolean {
  const kept = selfRegistered?.tokenHash;
  return typeof kept === "string" && timingSafeEqual(Buffer.from(hashOf(token)), Buffer.from(kept));
}

/** What a client says again with a change must be what it was; what is ours to say it may not say at all (RFC 7592 §2.2). */
function checkSame(client: Client, given: Given): void {
  for (const name of [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
  ]) {
    if (name in given) throw new OstiaryError("invalid_request", `${name} is not the client's to say: leave it out.`);
  }
  const secret = given["client_secret"];
  const isSame =
    given["client_id"] === client.id && (secret === undefined || (typeof secret === "string" && isSecretOf(client, secret)));
  if (!isSame) {
    throw new OstiaryError("invalid_request", "client_id, and client_secret if it is sent, must be those of the client.");
  }
}

/** Every redirect URI is among those that the address tells (OpenID Connect Dynamic Client Registration 1.0 §5). */
async function checkSector(
  sectors: Sectors,
  { registration, said }: { registration: Told["registration"]; said: Said },
): Promise<void> {
  const uri = said.sector_identifier_uri;
  if (uri === undefined) return;
  const listed = await sectors(uri);
  if (registration.redirectUris.every((redirectUri) => listed?.includes(redirectUri))) return;
  throw new OstiaryError(
    "invalid_client_metadata",
    "sector_identifier_uri must be https and list all redirect_uris, in a JSON array.",
  );
}

/** What is listed at such an address; null if nothing is. Strangers do not have many fetched at once, nor one again and again. */
type Sectors = (uri: string) => Promise<readonly unknown[] | null>;

function createSectors({ fetch, clock }: Pick<RegistrationDeps, "fetch" | "clock">): Sectors {
  const remembered = createRemembered<{ listed: readonly unknown[] | null }>({ clock, maxEntries: 50, maxAtOnce: 8 });
  return async (uri) => {
    const found = await remembered.get(uri, async () => {
      const listed = await urisAt(fetch, uri);
      return { value: { listed }, until: clock() + SECTOR_KEPT_MS, isRefusal: listed === null };
    });
    if (found !== null) return found.listed;
    throw new OstiaryError("unavailable", "Too many sector_identifier_uris are being fetched. Try again shortly.", {
      reason: "overloaded",
      retryAfterSeconds: 1,
    });
  };
}

async function urisAt(fetch: FetchPublic, uri: string): Promise<unknown[] | null> {
  try {
    const { status, body } = await fetch(uri, { maxBytes: MAX_SECTOR_BYTES });
    const listed: unknown = status === 200 ? JSON.parse(body.toString()) : null;
    return Array.isArray(listed) ? listed : null;
  } catch (error) {
    if (error instanceof NotFetched || error instanceof SyntaxError) return null;
    throw error;
  }
}

function refusedToken(): OstiaryError {
  return new OstiaryError("invalid_token", "The token is not good for this, or no longer.");
}
