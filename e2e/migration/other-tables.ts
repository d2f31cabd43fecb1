/** Tables as other people's libraries make them, as far as anything here looks at them. */

/** As guides have it; on both databases. */
export const OWN_TABLE = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, password TEXT NOT NULL, name TEXT, role TEXT NOT NULL)`;

/** better-auth 1, by its own migration. */
export const BETTER_AUTH = betterAuth({ time: "TIMESTAMPTZ", flag: "BOOLEAN" });
export const BETTER_AUTH_ON_SQLITE = betterAuth({ time: "DATE", flag: "INTEGER" });

/** The schema in the documentation of @auth/pg-adapter. */
export const AUTH_JS = `
  CREATE TABLE users (id SERIAL PRIMARY KEY, name VARCHAR(255), email VARCHAR(255), "emailVerified" TIMESTAMPTZ, image TEXT);
  CREATE TABLE sessions (id SERIAL PRIMARY KEY, "userId" INTEGER NOT NULL, expires TIMESTAMPTZ NOT NULL,
    "sessionToken" VARCHAR(255) NOT NULL)`;

/** Supabase Auth, without the columns that belong to sign-in by phone, links and single sign-on. */
export const SUPABASE = `
  CREATE SCHEMA auth;
  CREATE TABLE auth.users (
    instance_id UUID, id UUID PRIMARY KEY, aud VARCHAR(255), role VARCHAR(255), email VARCHAR(255),
    encrypted_password VARCHAR(255), email_confirmed_at TIMESTAMPTZ, raw_app_meta_data JSONB, raw_user_meta_data JSONB,
    created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, phone TEXT UNIQUE, banned_until TIMESTAMPTZ, deleted_at TIMESTAMPTZ,
    is_sso_user BOOLEAN NOT NULL DEFAULT false, is_anonymous BOOLEAN NOT NULL DEFAULT false);
  CREATE TABLE auth.sessions (
    id UUID PRIMARY KEY, user_id UUID NOT NULL REFERENCES auth.users ON DELETE CASCADE, created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ, not_after TIMESTAMPTZ);
  CREATE TABLE auth.refresh_tokens (
    instance_id UUID, id BIGSERIAL PRIMARY KEY, token VARCHAR(255) UNIQUE, user_id VARCHAR(255), revoked BOOLEAN,
    created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, parent VARCHAR(255),
    session_id UUID REFERENCES auth.sessions ON DELETE CASCADE)`;

function betterAuth({ time, flag }: { time: string; flag: string }): string {
  return `
    CREATE TABLE "user" (id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, "emailVerified" ${flag} NOT NULL,
      image TEXT, "createdAt" ${time} NOT NULL, "updatedAt" ${time} NOT NULL);
    CREATE TABLE session (id TEXT PRIMARY KEY, "expiresAt" ${time} NOT NULL, token TEXT NOT NULL UNIQUE,
      "createdAt" ${time} NOT NULL, "updatedAt" ${time} NOT NULL, "ipAddress" TEXT, "userAgent" TEXT,
      "userId" TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE);
    CREATE TABLE account (id TEXT PRIMARY KEY, "accountId" TEXT NOT NULL, "providerId" TEXT NOT NULL,
      "userId" TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE, "accessToken" TEXT, "refreshToken" TEXT, "idToken" TEXT,
      "accessTokenExpiresAt" ${time}, "refreshTokenExpiresAt" ${time}, scope TEXT, password TEXT,
      "createdAt" ${time} NOT NULL, "updatedAt" ${time} NOT NULL)`;
}
