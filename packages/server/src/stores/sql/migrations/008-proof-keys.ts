import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The keys that sessions and authorization codes are bound to, by their thumbprints (RFC 9449); null for those that are not. */
export const proofKeys = (): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema.alterTable("sessions").addColumn("proof_key", "text").execute();
    await schema.alterTable("authorization_codes").addColumn("proof_key", "text").execute();
  },
});
