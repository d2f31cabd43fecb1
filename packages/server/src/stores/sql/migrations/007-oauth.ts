import { FIRST_PARTY_CLIENT_ID } from "@ostiary/protocol";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Clients that sign users in: what they told of themselves, codes, consents, and who is to be told when a session ends. */
export const oauth = (): Migration => ({
  async up({ schema }: Kysely<unknown>): Promise<void> {
    await schema.alterTable("clients").addColumn("registration", "text").execute();
    // What a client that is deleted leaves behind. The server's own sign-in is most sessions, and pays nothing for it.
    await schema
      .createIndex("sessions_of_clients")
      .on("sessions")
      .column("client_id")
      .where("client_id", "<>", FIRST_PARTY_CLIENT_ID)
      .execute();

    await schema
      .createTable("authorization_codes")
      .addColumn("hash", "text", (c) => c.primaryKey())
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("sign_on_id", "text", (c) => c.notNull())
      .addColumn("session_id", "text", (c) => c.notNull())
      .addColumn("jti", "text", (c) => c.notNull())
      .addColumn("redirect_uri", "text", (c) => c.notNull())
      .addColumn("code_challenge", "text", (c) => c.notNull())
      .addColumn("scope", "text", (c) => c.notNull())
      .addColumn("resources", "text", (c) => c.notNull())
      .addColumn("nonce", "text")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("redeemed_at", "bigint")
      .addColumn("replayed_at", "bigint")
      .execute();
    await schema.createIndex("authorization_codes_by_expiry").on("authorization_codes").column("expires_at").execute();
    await schema.createIndex("authorization_codes_by_user").on("authorization_codes").column("user_id").execute();

    await schema
      .createTable("consents")
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("scope", "text", (c) => c.notNull())
      .addColumn("at", "bigint", (c) => c.notNull())
      .addPrimaryKeyConstraint("consents_pk", ["user_id", "client_id", "scope"])
      .execute();

    await schema
      .createTable("sign_ons")
      .addColumn("sign_on_id", "text", (c) => c.notNull())
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("user_id", "text", (c) => c.notNull())
      .addColumn("session_id", "text", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("ended_at", "bigint")
      .addColumn("due_at", "bigint")
      .addColumn("tries", "integer", (c) => c.notNull())
      .addPrimaryKeyConstraint("sign_ons_pk", ["sign_on_id", "client_id"])
      .execute();
    await schema.createIndex("sign_ons_by_session").on("sign_ons").column("session_id").execute();
    await schema.createIndex("sign_ons_by_user").on("sign_ons").column("user_id").execute();
    await schema.createIndex("sign_ons_by_due").on("sign_ons").column("due_at").execute();
    await schema.createIndex("sign_ons_by_expiry").on("sign_ons").column("expires_at").execute();

    await schema
      .createTable("grants")
      .addColumn("session_id", "text", (c) => c.primaryKey())
      .addColumn("sign_on_id", "text", (c) => c.notNull())
      .addColumn("client_id", "text", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .execute();
    await schema.createIndex("grants_by_expiry").on("grants").column("expires_at").execute();

    await schema
      .createTable("used_once")
      .addColumn("value", "text", (c) => c.primaryKey())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .execute();
    await schema.createIndex("used_once_by_expiry").on("used_once").column("expires_at").execute();
  },
});
