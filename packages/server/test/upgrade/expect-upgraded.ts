import { decode } from "@ostiary/jwt";
import { expect, onTestFinished } from "vitest";
import { createOstiary } from "../../src/server.ts";
import { basic, MINUTE, refusal, TestClient } from "../test-server.ts";
import type { Kept } from "./kept.ts";

/** A server of this version on a database of an earlier one: whoever was signed in still is, and what was ended stays ended. */
export async function expectUpgraded(
  databaseUrl: string,
  { issuer, secret, now, password, ada, signedOut, grace, guard }: Kept,
): Promise<void> {
  const reported: unknown[] = [];
  const ostiary = await createOstiary({
    databaseUrl,
    issuer,
    secret,
    clock: () => now + MINUTE,
    onError: (error) => reported.push(error),
  });
  onTestFinished(() => ostiary.close());
  const client = (): TestClient => new TestClient(ostiary);

  // Keys: the one that signed the token has retired, and still verifies.
  expect(await client().me(ada.accessToken)).toMatchObject({ status: 200, body: { user: { email: ada.email } } });
  const { body: jwks } = await client().call<{ keys: { kid: string }[] }>("GET", "/.well-known/jwks.json");
  expect(jwks.keys.map(({ kid }) => kid)).toContain(decode(ada.accessToken).header.kid);
  // Sessions.
  const refreshed = await client().refresh(ada.refreshToken);
  expect(refreshed).toMatchObject({ status: 200, body: { user: { email: ada.email } } });
  expect((await client().me(refreshed.body.accessToken)).status).toBe(200);
  // Passwords.
  const signIn = (email: string) => client().call("POST", "/login", { body: { email, password, delivery: "body" } });
  expect((await signIn(ada.email)).status).toBe(200);
  // Revocations: by session, by user.
  expect(refusal(await client().me(signedOut.accessToken))).toMatchObject({ status: 401, reason: "session_revoked" });
  expect(refusal(await client().refresh(signedOut.refreshToken))).toMatchObject({ status: 401, reason: "session_revoked" });
  expect((await client().me(grace.accessToken)).status).toBe(401);
  expect((await client().refresh(grace.refreshToken)).status).toBe(401);
  expect((await signIn(grace.email)).status).toBe(401);
  // Clients.
  const asked = await client().call("POST", "/oauth/introspect", {
    body: new URLSearchParams({ token: signedOut.accessToken }).toString(),
    headers: { authorization: basic(guard), "content-type": "application/x-www-form-urlencoded" },
  });
  expect(asked).toMatchObject({ status: 200, body: { active: false } });
  // Numbering goes on after what was there.
  expect((await ostiary.users.create({ email: "new@example.com", password })).email).toBe("new@example.com");
  expect(reported).toEqual([]);
}
