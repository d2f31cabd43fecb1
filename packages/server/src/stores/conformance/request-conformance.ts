import { describe, expect, test } from "vitest";
import type { AuthorizationCode, DeviceRequest } from "../../oauth/oauth-store.ts";
import { randomText, systemRandom } from "../../random.ts";
import { event, NOW } from "./fixtures.ts";
import { someone } from "./people.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;

/** Requests that clients make ahead of their user: pushed ones, and those of devices. */
export function requestConformance(subject: Subject): void {
  const text = (): string => randomText(systemRandom, 32);
  const times = <Result>(count: number, run: () => Promise<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: count }, run));

  describe("pushed requests", () => {
    const pushed = () => ({ hash: text(), clientId: "app", parameters: "a=b&a=c%26&d=%C3%A9", expiresAt: NOW + MINUTE });

    test("come back as they were kept, to their client, until they are over", async () => {
      const { pushed: store } = subject.store.oauth;
      const request = pushed();
      await store.keep(request);
      expect(await store.open(request.hash, "other", NOW, NOW + 30 * MINUTE)).toBeNull();
      expect(await store.open("nothing", "app", NOW, NOW + 30 * MINUTE)).toBeNull();
      expect(await store.open(request.hash, "app", NOW + MINUTE, NOW + 30 * MINUTE)).toBeNull();
      expect(await store.open(request.hash, "app", NOW + MINUTE - 1, NOW + 30 * MINUTE)).toEqual({
        ...request,
        expiresAt: NOW + 30 * MINUTE,
      });
    });

    test("last from when they are first opened, which later looks do not change", async () => {
      const { pushed: store } = subject.store.oauth;
      const request = pushed();
      await store.keep(request);
      await times(8, () => store.open(request.hash, "app", NOW, NOW + 30 * MINUTE));
      const later = NOW + 30 * MINUTE - 1;
      expect(await store.open(request.hash, "app", later, later + 30 * MINUTE)).toMatchObject({ expiresAt: NOW + 30 * MINUTE });
      expect(await store.open(request.hash, "app", later + 1, later + 30 * MINUTE)).toBeNull();
      expect(await store.use(request.hash, later + 1)).toBe(false);
    });

    test("are used once, however many try at once, and are nobody's after that", async () => {
      const { pushed: store } = subject.store.oauth;
      const request = pushed();
      await store.keep(request);
      expect((await times(50, () => store.use(request.hash, NOW))).filter(Boolean)).toHaveLength(1);
      expect(await store.open(request.hash, "app", NOW, NOW + MINUTE)).toBeNull();
      expect(await store.use("nothing", NOW)).toBe(false);
    });
  });

  describe("requests of devices", () => {
    let made = 0;
    const asked = (more: Partial<DeviceRequest> = {}): DeviceRequest => ({
      hash: text(),
      userCode: `BCDF${String(made++).padStart(4, "B")}`,
      clientId: "tv",
      scopes: ["openid", "orders:read"],
      resources: ["https://api.example"],
      ip: "203.0.113.7",
      userAgent: "tv “0” 🎈",
      createdAt: NOW,
      expiresAt: NOW + 10 * MINUTE,
      intervalSeconds: 5,
      polledAt: null,
      decision: null,
      ...more,
    });

    async function allowed({ hash, clientId, scopes, resources, expiresAt }: DeviceRequest): Promise<AuthorizationCode> {
      return {
        hash,
        clientId,
        userId: await someone(subject),
        signOnId: systemRandom.uuid(),
        sessionId: systemRandom.uuid(),
        jti: text(),
        redirectUri: "",
        codeChallenge: "",
        scopes,
        resources,
        nonce: null,
        proofKey: null,
        createdAt: NOW,
        expiresAt,
        redeemedAt: null,
      };
    }

    test("come back as they were kept, by either code", async () => {
      const { devices } = subject.store.oauth;
      const [one, other] = [asked(), asked({ scopes: [], resources: [], ip: null, userAgent: null })];
      for (const request of [one, other]) expect(await devices.keep(request)).toBe(true);
      expect(await devices.find(one.hash)).toEqual(one);
      expect(await devices.findByUserCode(other.userCode)).toEqual(other);
      expect(await devices.find(one.userCode)).toBeNull();
      expect(await devices.findByUserCode(one.hash)).toBeNull();
    });

    test("share no code that people type, of whichever came first", async () => {
      const { devices } = subject.store.oauth;
      const first = asked();
      const kept = await Promise.all(
        [first, asked({ userCode: first.userCode }), asked({ userCode: first.userCode })].map((request) => devices.keep(request)),
      );
      expect(kept.filter(Boolean)).toHaveLength(1);
    });

    test("know when they were last asked about, with no question lost of many at once", async () => {
      const { devices } = subject.store.oauth;
      const request = asked();
      await devices.keep(request);
      expect(await devices.poll(request.hash, NOW + 1, ({ intervalSeconds }) => intervalSeconds)).toEqual(request);
      expect(await devices.find(request.hash)).toEqual({ ...request, polledAt: NOW + 1 });
      await times(20, () => devices.poll(request.hash, NOW + 2, ({ intervalSeconds }) => intervalSeconds + 5));
      expect(await devices.find(request.hash)).toEqual({ ...request, polledAt: NOW + 2, intervalSeconds: 105 });
      expect(await devices.poll("nothing", NOW, () => 5)).toBeNull();
    });

    test("are allowed with the code that is kept for them, the note and the audit, or refused: once, and never both", async () => {
      const { oauth, audit } = subject.store;
      const request = asked();
      await oauth.devices.keep(request);
      const code = await allowed(request);
      const { signOnId, clientId, userId } = code;
      const signOn = { signOnId, clientId, userId, expiresAt: NOW + MINUTE };
      const allow = () => oauth.devices.allow(code, { signOn, audit: event("authorized", { userId }) });
      const deny = () => oauth.devices.deny(request.hash, event("device_denied", { userId }));
      const done = await Promise.all([...Array.from({ length: 8 }, allow), ...Array.from({ length: 8 }, deny)]);
      expect(done.filter(Boolean)).toHaveLength(1);
      const isAllowed = done.indexOf(true) < 8;
      expect(await oauth.devices.find(request.hash)).toEqual({ ...request, decision: isAllowed ? "allow" : "deny" });
      expect(await oauth.codes.find(request.hash)).toEqual(isAllowed ? { ...code, replayedAt: null } : null);
      expect(await oauth.signOns.markEnded({ sessionId: signOnId }, NOW)).toBe(isAllowed ? 1 : 0);
      for (const notice of await oauth.signOns.takeDue(NOW, 1, 10)) await oauth.signOns.settle(notice, null);
      expect((await audit.list({ userId })).map(({ type }) => type)).toEqual([
        isAllowed ? "authorized" : "device_denied",
        "signup",
      ]);
    });

    test("are not allowed in the name of a user who is gone: it stays undecided", async () => {
      const { devices, codes } = subject.store.oauth;
      const request = asked();
      await devices.keep(request);
      const code = { ...(await allowed(request)), userId: "nobody" };
      await expect(devices.allow(code, { signOn: null, audit: event("authorized") })).rejects.toThrow(/constraint/i);
      expect(await devices.find(request.hash)).toEqual(request);
      expect(await codes.find(request.hash)).toBeNull();
      expect(await devices.deny("nothing", event("device_denied"))).toBe(false);
    });
  });

  test("requests are dropped once they are over, a few at a time", async () => {
    const { oauth } = subject.store;
    const hashes = [text(), text(), text()];
    for (const hash of hashes) await oauth.pushed.keep({ hash, clientId: "app", parameters: "", expiresAt: 1000 });
    const young = { hash: text(), clientId: "app", parameters: "", expiresAt: NOW };
    await oauth.pushed.keep(young);
    const device = {
      clientId: "tv",
      scopes: [],
      resources: [],
      ip: null,
      userAgent: null,
      createdAt: 0,
      intervalSeconds: 5,
      polledAt: null,
      decision: null,
    };
    await oauth.devices.keep({ ...device, hash: "an old device", userCode: "OLD", expiresAt: 1000 });
    await oauth.devices.keep({ ...device, hash: "a young device", userCode: "YOUNG", expiresAt: NOW });
    expect(await oauth.dropRequests(2000, 2)).toBe(2);
    expect(await oauth.dropRequests(2000, 2)).toBe(1);
    expect(await oauth.dropRequests(2000, 2)).toBe(0);
    for (const hash of hashes) expect(await oauth.pushed.open(hash, "app", 0, 1)).toBeNull();
    expect(await oauth.pushed.open(young.hash, "app", 0, NOW)).toEqual(young);
    expect(await oauth.devices.find("an old device")).toBeNull();
    expect(await oauth.devices.find("a young device")).not.toBeNull();
  });
}
