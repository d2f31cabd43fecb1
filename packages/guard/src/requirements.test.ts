import { createKeySet, generateKey } from "@ostiary/jwt";
import { expect, test } from "vitest";
import { apiKeyText } from "../test/api-key-text.ts";
import { accessClaims, AUDIENCE, signToken } from "../test/issuer.ts";
import { checkRecent } from "./check-recent.ts";
import { createEmbeddedGuard, createRevocationSet } from "./embedded.ts";
import type { GuardError } from "./guard-error.ts";
import type { AnyIdentity } from "./identity.ts";
import { recentSignIn, type RecentOptions } from "./requirements.ts";

const ISSUER = "https://auth.example";
const NOW = 1_800_000_000;
const FIVE_MINUTES = { maxAgeSeconds: 300 };

/** A guard whose clock can be set, and what it lets in. */
function setUp() {
  const key = generateKey("ES256");
  const time = { now: NOW * 1000 };
  const clock = (): number => time.now;
  const guard = createEmbeddedGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ["ES256"],
    keys: () => createKeySet([key]),
    revocations: createRevocationSet({ clock }),
    clock,
    resolveApiKey: (text) => Promise.resolve(text === KEY ? accessClaims(ISSUER, NOW * 1000, { sid: "key-id", client_id: "api-key" }) : null),
  });
  const letIn = (claims: object): Promise<AnyIdentity> => guard.verify(signToken(key, { ...accessClaims(ISSUER, NOW * 1000), ...claims }));
  return { guard, letIn, time };
}

const KEY = apiKeyText("mine");

function refused(identity: AnyIdentity, options: RecentOptions): string | undefined {
  return recentSignIn(options)(identity)?.error;
}

test.each([
  ["just now", NOW, undefined],
  ["as long ago as may be", NOW - 300, undefined],
  ["a second longer ago", NOW - 301, "insufficient_user_authentication"],
  ["by an issuer whose clock is a little ahead", NOW + 60, undefined],
  ["in the future", NOW + 61, "insufficient_user_authentication"],
  ["in milliseconds, which is the far future", NOW * 1000, "insufficient_user_authentication"],
  ["never", undefined, "insufficient_user_authentication"],
  ["in a text", String(NOW), "insufficient_user_authentication"],
  ["null", null, "insufficient_user_authentication"],
  ["in a list", [NOW], "insufficient_user_authentication"],
])("signed in %s", async (_, auth_time, error) => {
  const { letIn } = setUp();
  expect(refused(await letIn({ auth_time }), FIVE_MINUTES)).toBe(error);
});

test("time passes for a token that was let in before, by the clock of its guard", async () => {
  const { letIn, time } = setUp();
  const identity = await letIn({ auth_time: NOW });
  time.now += 300_999;
  expect(refused(identity, FIVE_MINUTES)).toBeUndefined();
  time.now += 1;
  expect(refused(identity, FIVE_MINUTES)).toBe("insufficient_user_authentication");
});

test.each<[unknown, string[], boolean]>([
  [["pwd", "otp", "mfa"], ["mfa"], true],
  [["pwd", "otp", "mfa"], ["pop", "otp"], true],
  [["pwd"], ["mfa"], false],
  [["MFA", "mfa "], ["mfa"], false],
  [[], ["mfa"], false],
  ["mfa", ["mfa"], false],
  [undefined, ["pwd"], false],
  [{ 0: "mfa" }, ["mfa"], false],
])("amr %j, where one of %j is asked for: %s", async (amr, methods, passes) => {
  const { letIn } = setUp();
  expect(refused(await letIn({ auth_time: NOW, amr }), { ...FIVE_MINUTES, methods })).toBe(passes ? undefined : "insufficient_user_authentication");
});

test("API keys, and tokens of programs, say nothing of a sign-in: they are refused", async () => {
  const { guard, letIn } = setUp();
  expect(refused(await guard.verify(KEY), FIVE_MINUTES)).toBe("insufficient_user_authentication");
  expect(refused(await letIn({ sub: "service", client_id: "service", sid: "service" }), FIVE_MINUTES)).toBe("insufficient_user_authentication");
});

test("the refusal says how recently, and an Ostiary's by what (RFC 9470 §3); checkRecent throws it", async () => {
  const { letIn } = setUp();
  const identity = await letIn({ auth_time: NOW - 999 });
  const challengeOf = (options: RecentOptions, who = identity) => recentSignIn(options)(who)?.headers["WWW-Authenticate"];
  const start = 'Bearer error="insufficient_user_authentication", error_description="The user has to sign in again for this.", max_age="300"';
  expect(challengeOf(FIVE_MINUTES)).toBe(start);
  for (const methods of [["mfa"], ["mfa", "otp"], ["otp", "pop"], ["user", "otp"]]) {
    expect(challengeOf({ ...FIVE_MINUTES, methods })).toBe(`${start}, acr_values="urn:ostiary:acr:mfa"`);
  }
  for (const methods of [["pwd"], ["mfa", "pwd"]]) {
    expect(challengeOf({ ...FIVE_MINUTES, methods })).toBe(`${start}, acr_values="urn:ostiary:acr:password"`);
  }
  expect(challengeOf({ ...FIVE_MINUTES, methods: ["mfa"] }, { ...identity })).toBe(start);
  expect(() => checkRecent(identity, FIVE_MINUTES)).toThrow(expect.objectContaining({ status: 401, error: "insufficient_user_authentication" }) as GuardError);
  expect(() => checkRecent(identity, { maxAgeSeconds: 1000 })).not.toThrow();
});

test.each<[string[], string[]]>([
  [["pop", "user", "mfa"], ["otp"]],
  [["pwd", "otp", "mfa"], ["pop"]],
  [["pwd", "otp", "mfa"], ["user", "pop"]],
  [["pwd", "otp", "mfa"], ["fpt"]],
])("no acr is named that a token of amr %j may have already, where one of %j is asked for: it would be sent round", async (amr, methods) => {
  const { letIn } = setUp();
  const refusal = recentSignIn({ ...FIVE_MINUTES, methods })(await letIn({ auth_time: NOW, amr, acr: "urn:ostiary:acr:mfa" }));
  expect(refusal?.headers["WWW-Authenticate"]).toMatch(/max_age="300"$/);
});

test.each<unknown>([
  undefined,
  300,
  {},
  { maxAge: 300 },
  { ...FIVE_MINUTES, amr: ["mfa"] },
  { maxAgeSeconds: 0 },
  { maxAgeSeconds: -1 },
  { maxAgeSeconds: 1.5 },
  { maxAgeSeconds: "300" },
  { maxAgeSeconds: Number.NaN },
  { maxAgeSeconds: 31_536_001 },
  { ...FIVE_MINUTES, methods: [] },
  { ...FIVE_MINUTES, methods: "mfa" },
  { ...FIVE_MINUTES, methods: [""] },
  { ...FIVE_MINUTES, methods: [["mfa"]] },
])("options that could not mean anything are refused when they are given: %j", (options) => {
  expect(() => recentSignIn(options as RecentOptions)).toThrow(TypeError);
});
