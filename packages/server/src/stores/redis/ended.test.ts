/** What was ended stays ended, whatever Redis loses and however closely a refresh comes beside it. */
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { openRawRedis } from "../../../test/raw-redis.ts";
import { DAY, MINUTE, PASSWORD, SECOND, startTestServer, temporaryFile, TestClient } from "../../../test/test-server.ts";
import type { TestServer } from "../../../test/test-server.ts";
import { openStore } from "../open-store.ts";

interface Ending {
  readonly server: TestServer;
  readonly client: TestClient;
  readonly accessToken: string;
  readonly userId: string;
  readonly firstToken: string;
}

const passwords = { currentPassword: PASSWORD, newPassword: "a new and better password" };

const ENDINGS: Record<string, { reason: string; end: (ending: Ending) => Promise<unknown> }> = {
  "a sign-out": {
    reason: "session_revoked",
    end: ({ client, accessToken }) => client.call("POST", "/logout", { bearer: accessToken }),
  },
  "a sign-out everywhere": {
    reason: "session_revoked",
    end: ({ client, accessToken }) => client.call("POST", "/logout-all", { bearer: accessToken }),
  },
  "a disabled user": { reason: "session_revoked", end: ({ server, userId }) => server.users.disable(userId) },
  "a password that was changed elsewhere": {
    reason: "session_revoked",
    async end({ server, client }) {
      const elsewhere = new TestClient(server);
      const { accessToken, refreshToken } = await elsewhere.login("ada@example.com", { delivery: "body" });
      await client.call("POST", "/password", { bearer: accessToken, body: passwords });
      expect((await elsewhere.refresh(refreshToken)).status).toBe(200);
    },
  },
  "a theft": { reason: "refresh_token_reused", end: ({ client, firstToken }) => client.refresh(firstToken) },
};

describe.each(Object.entries(ENDINGS))("after %s", (_, { reason, end }) => {
  test.each(["goes back to a snapshot from before", "loses everything"])(
    "no refresh succeeds, even if Redis %s and the log has dropped the entry",
    async (loss) => {
      const databaseUrl = `sqlite:${temporaryFile()}`;
      const server = await startTestServer({ databaseUrl, redisUrl: inject("redisUrl") });
      const redis = await openRawRedis();
      const client = new TestClient(server);
      const { user, refreshToken: firstToken = "" } = await client.signup("ada@example.com", { delivery: "body" });
      const [session] = await server.sessions.list(user.id);
      const { accessToken, refreshToken } = (await client.refresh(firstToken)).body;
      const snapshot = await redis.read(session?.id ?? "");

      server.time.now += MINUTE;
      await end({ server, client, accessToken, userId: user.id, firstToken });
      await redis.restore(session?.id ?? "", loss === "loses everything" ? null : snapshot);
      const store = await openStore({ databaseUrl });
      onTestFinished(() => store.close());
      // The newest entry is never dropped.
      await server.sessions.revokeToken("another");
      await store.revocations.dropExpired((server.time.now + DAY) / SECOND, 100);
      expect((await store.revocations.entriesAfter(0, 100)).map(({ value }) => value)).toEqual(["another"]);

      server.time.now += 2 * MINUTE;
      expect((await client.refresh(refreshToken)).body).toMatchObject({ error: "invalid_token", reason });
      server.time.now += 5 * DAY;
      expect((await client.refresh(refreshToken)).body).toMatchObject({ error: "invalid_token", reason });
      // Only the session that changed the password is left.
      expect((await server.sessions.list(user.id)).map(({ id }) => id)).not.toContain(session?.id);
    },
  );
});
