import { describe, expect, test } from "vitest";
import type { AuthorizationCode } from "../../oauth/oauth-store.ts";
import { randomText, systemRandom } from "../../random.ts";
import { event, NOW, versionChange } from "./fixtures.ts";
import { someone } from "./people.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;

function codeFor(userId: string, more: Partial<AuthorizationCode> = {}): AuthorizationCode {
  const random = () => randomText(systemRandom, 32);
  return {
    hash: random(),
    clientId: systemRandom.uuid(),
    userId,
    signOnId: systemRandom.uuid(),
    sessionId: systemRandom.uuid(),
    jti: random(),
    redirectUri: "https://app.example/callback?a=b",
    codeChallenge: random(),
    scopes: ["openid", "orders:read"],
    resources: ["https://api.example", "https://other.example/v1"],
    nonce: null,
    proofKey: null,
    createdAt: NOW,
    expiresAt: NOW + MINUTE,
    redeemedAt: null,
    ...more,
  };
}

export function codeConformance(subject: Subject): void {
  describe("authorization codes", () => {
    test("come back as they were kept, and go with their user", async () => {
      const { oauth, users } = subject.store;
      const userId = await someone(subject);
      const [one, other] = [
        codeFor(userId, { nonce: "n-“0” 🎈", proofKey: "a thumbprint" }),
        codeFor(userId, { scopes: [], resources: [] }),
      ];
      for (const code of [one, other]) await oauth.codes.keep(code);
      expect(await oauth.codes.find(one.hash)).toEqual({ ...one, replayedAt: null });
      expect(await oauth.codes.find(other.hash)).toEqual({ ...other, replayedAt: null });
      expect(await oauth.codes.find("nothing")).toBeNull();
      await users.delete(userId, versionChange("revoked", userId));
      expect(await oauth.codes.find(one.hash)).toBeNull();
    });

    test("that come at once are kept with what goes along, and one whose user is gone fails alone", async () => {
      const { oauth, audit } = subject.store;
      const userId = await someone(subject);
      const [codes, stray] = [Array.from({ length: 8 }, () => codeFor(userId)), codeFor("nobody")];
      const keep = (code: AuthorizationCode): Promise<void> => {
        const { signOnId, clientId } = code;
        const signOn = { signOnId, clientId, userId: code.userId, expiresAt: NOW + MINUTE };
        return oauth.codes.keep(code, { signOn, audit: event("authorized", { userId: code.userId, sessionId: signOnId }) });
      };
      const kept = await Promise.allSettled([...codes, stray].map(keep));
      expect(kept.map(({ status }) => status)).toEqual([...codes.map(() => "fulfilled"), "rejected"]);
      for (const code of codes) expect(await oauth.codes.find(code.hash)).toMatchObject({ hash: code.hash });
      expect(await oauth.codes.find(stray.hash)).toBeNull();
      expect(await audit.list({ types: ["authorized"], userId })).toHaveLength(codes.length);
      expect(await audit.list({ types: ["authorized"], userId: "nobody" })).toEqual([]);
      const noted = await Promise.all(
        [...codes, stray].map(({ signOnId }) => oauth.signOns.markEnded({ sessionId: signOnId }, NOW)),
      );
      expect(noted).toEqual([...codes.map(() => 1), 0]);
      for (const notice of await oauth.signOns.takeDue(NOW, 1, codes.length)) await oauth.signOns.settle(notice, null);
    });

    test("are redeemed once, however many try at once, and keep when they were first replayed", async () => {
      const { oauth } = subject.store;
      const code = codeFor(await someone(subject));
      await oauth.codes.keep(code);
      const alone = codeFor(code.userId);
      await oauth.codes.keep(alone);
      expect(await oauth.codes.redeem(alone.hash, NOW + 1)).toBe(true);
      expect(await oauth.codes.find(alone.hash)).toEqual({ ...alone, redeemedAt: NOW + 1, replayedAt: null });
      expect(await oauth.codes.redeem(alone.hash, NOW + 2)).toBe(false);
      for (const at of [NOW + 2, NOW + 3]) await oauth.codes.noteReplay(alone.hash, at);
      await oauth.codes.noteReplay("nothing", NOW);
      expect(await oauth.codes.find(alone.hash)).toEqual({ ...alone, redeemedAt: NOW + 1, replayedAt: NOW + 2 });
      const tries = await Promise.all(Array.from({ length: 100 }, () => oauth.codes.redeem(code.hash, NOW + 1)));
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect(await oauth.codes.find(code.hash)).toEqual({ ...code, redeemedAt: NOW + 1, replayedAt: null });
      expect(await oauth.codes.redeem("nothing", NOW)).toBe(false);
    });

    test("that were redeemed tell which tokens a client has of a user, or of all, until those have expired", async () => {
      const { oauth } = subject.store;
      const [userId, other, clientId] = [await someone(subject), await someone(subject), systemRandom.uuid()];
      const [redeemed, waiting, old, ofOther] = [
        codeFor(userId, { clientId, redeemedAt: NOW }),
        codeFor(userId, { clientId }),
        codeFor(userId, { clientId, redeemedAt: 1, expiresAt: 2 * MINUTE }),
        codeFor(other, { clientId, redeemedAt: NOW }),
      ];
      for (const code of [redeemed, waiting, old, ofOther, codeFor(userId, { redeemedAt: NOW })]) await oauth.codes.keep(code);
      const tokenOf = ({ jti, userId: whose, signOnId }: AuthorizationCode) => ({ jti, userId: whose, signOnId });
      expect(await oauth.codes.tokensOf({ clientId, userId }, 3 * MINUTE)).toEqual([tokenOf(redeemed)]);
      const all = await oauth.codes.tokensOf({ clientId }, 3 * MINUTE);
      expect(all).toHaveLength(2);
      expect(all).toEqual(expect.arrayContaining([tokenOf(redeemed), tokenOf(ofOther)]));
    });

    test("that wait to be redeemed go with a consent that is withdrawn; of those that were, a replay is found out still", async () => {
      const { oauth } = subject.store;
      const userId = await someone(subject);
      const [waiting, redeemed, ofAnother] = [
        codeFor(userId, { clientId: "app" }),
        codeFor(userId, { clientId: "app", redeemedAt: NOW }),
        codeFor(userId, { clientId: "other" }),
      ];
      for (const code of [waiting, redeemed, ofAnother]) await oauth.codes.keep(code);
      expect(await oauth.consents.withdraw(userId, "app", event("consent_withdrawn", { userId }))).toBe(false);
      expect(await oauth.codes.find(waiting.hash)).toBeNull();
      expect(await oauth.codes.find(redeemed.hash)).toEqual({ ...redeemed, replayedAt: null });
      expect(await oauth.codes.find(ofAnother.hash)).toEqual({ ...ofAnother, replayedAt: null });
    });

    test("are dropped some time after they expired, with what else is over", async () => {
      const { oauth } = subject.store;
      const userId = await someone(subject);
      const [old, young] = [codeFor(userId, { expiresAt: 1000 }), codeFor(userId, { expiresAt: NOW })];
      for (const code of [old, young]) await oauth.codes.keep(code);
      const grant = { sessionId: systemRandom.uuid(), signOnId: systemRandom.uuid(), clientId: "app", expiresAt: 1000 };
      await oauth.signOns.keepGrant(grant);
      while ((await oauth.dropExpired(2000, 1)) === 1);
      expect(await oauth.codes.find(old.hash)).toBeNull();
      expect(await oauth.codes.find(young.hash)).toEqual({ ...young, replayedAt: null });
      expect(await oauth.signOns.findGrant(grant.sessionId)).toBeNull();
    });
  });
}
