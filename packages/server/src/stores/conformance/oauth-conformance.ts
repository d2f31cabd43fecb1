import { describe, expect, test } from "vitest";
import { systemRandom } from "../../random.ts";
import { codeConformance } from "./code-conformance.ts";
import { event, NOW } from "./fixtures.ts";
import { someone } from "./people.ts";
import { signOnConformance } from "./sign-on-conformance.ts";
import type { Subject } from "./subject.ts";

export function oauthConformance(subject: Subject): void {
  codeConformance(subject);

  describe("consents", () => {
    test("add up by client, are listed, and are withdrawn as a whole", async () => {
      const { oauth, audit } = subject.store;
      const [userId, stranger] = [await someone(subject), await someone(subject)];
      const { consents } = oauth;
      expect(await consents.find(userId, "app")).toEqual([]);
      await consents.allow(userId, "app", ["profile", "openid"], NOW, event("consent_given", { userId }));
      await consents.allow(userId, "app", ["openid", "email"], NOW + 1, event("consent_given", { userId }));
      await consents.allow(userId, "other", ["openid"], NOW, event("consent_given", { userId }));
      expect(await consents.find(userId, "app")).toEqual(["email", "openid", "profile"]);
      expect(await consents.find(stranger, "app")).toEqual([]);
      expect(await consents.list(userId)).toEqual([
        { clientId: "app", scopes: ["email", "openid", "profile"], at: NOW + 1 },
        { clientId: "other", scopes: ["openid"], at: NOW },
      ]);
      expect(await consents.withdraw(userId, "app", event("consent_withdrawn", { userId }))).toBe(true);
      expect(await consents.find(userId, "app")).toEqual([]);
      const [last] = await audit.list({ limit: 1 });
      expect(await consents.withdraw(userId, "app", event("consent_withdrawn", { userId }))).toBe(false);
      expect(await audit.list({ limit: 1 })).toEqual([last]);
      expect(last?.type).toBe("consent_withdrawn");
    });
  });

  signOnConformance(subject);

  test("a value that is good for one use is used by one of many", async () => {
    const { once } = subject.store.oauth;
    const value = systemRandom.uuid();
    const tries = await Promise.all(Array.from({ length: 20 }, () => once.use(value, NOW)));
    expect(tries.filter(Boolean)).toHaveLength(1);
  });

  test("values that were used are dropped once they have expired, and others stay used", async () => {
    const { once } = subject.store.oauth;
    const young = systemRandom.uuid();
    for (const value of ["old", "older"]) await once.use(value, 1000);
    await once.use(young, NOW);
    expect(await once.dropExpired(2000, 1)).toBe(1);
    while ((await once.dropExpired(2000, 1)) === 1);
    expect(await once.use("old", 1000)).toBe(true);
    expect(await once.use(young, NOW)).toBe(false);
  });
}
