import { auditEvent, LOCAL_ORIGIN } from "../../audit/audit-event.ts";
import type { Origin } from "../../audit/audit-event.ts";
import type { Clock } from "../../clock.ts";
import { OstiaryError } from "../../errors.ts";
import type { Random } from "../../random.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import { newClientSecret } from "../client.ts";
import { checkedName } from "../create-client.ts";
import type { InitialAccessToken, SelfRegisteredStore } from "./self-registered-store.ts";

const DAY_MS = 86_400_000;
const MAX_DAYS = 366;
const MAX_USES = 1_000_000;

/** A token as the application sees it. Times in milliseconds. */
export type PublicRegistrationToken = Omit<InitialAccessToken, "hash">;

export interface NewRegistrationToken {
  /** For people: 1 to 100 characters. */
  readonly name: string;
  /** How many clients may be registered with it. Default 1. */
  readonly uses?: number | undefined;
  /** Default 7; at most 366. */
  readonly expiresInDays?: number | undefined;
}

/** Initial access tokens (RFC 7591 §3): whoever has one may register clients where `dynamicRegistration` is `token`. */
export interface RegistrationTokens {
  /** The token is told this once. Throws `invalid_request`, with the field. */
  create(token: NewRegistrationToken): Promise<PublicRegistrationToken & { readonly token: string }>;
  /** Those that are good still, oldest first. */
  list(): Promise<PublicRegistrationToken[]>;
  /** Clients that were registered with it stay. False if there is no such token. */
  delete(id: string): Promise<boolean>;
}

export interface RegistrationTokenDeps {
  readonly store: Pick<SelfRegisteredStore, "keepToken" | "listTokens" | "deleteToken">;
  readonly clock: Clock;
  readonly random: Random;
}

export function createRegistrationTokens(
  { store, clock, random }: RegistrationTokenDeps,
  origin: Origin = LOCAL_ORIGIN,
): RegistrationTokens {
  return {
    async create({ name, uses = 1, expiresInDays = 7 }) {
      requireWhole("uses", uses, MAX_USES);
      requireWhole("expiresInDays", expiresInDays, MAX_DAYS);
      const token = newClientSecret(random);
      const createdAt = clock();
      const known = {
        id: random.uuid(),
        name: checkedName(name),
        createdAt,
        expiresAt: createdAt + expiresInDays * DAY_MS,
        usesLeft: uses,
      };
      const detail = { tokenId: known.id, name: known.name, uses, expiresAt: known.expiresAt };
      await store.keepToken(
        { ...known, hash: hashOf(token) },
        auditEvent("registration_token_created", createdAt, origin, {}, detail),
      );
      return { ...known, token };
    },
    list: async () => (await store.listTokens(clock())).map(({ hash: _, ...known }) => known),
    delete: (id) => store.deleteToken(id, auditEvent("registration_token_deleted", clock(), origin, {}, { tokenId: id })),
  };
}

function requireWhole(field: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new OstiaryError("invalid_request", `${field} must be a whole number from 1 to ${max}.`, {
    reason: "invalid_field",
    field,
  });
}
