import { describe, expect, it } from "vitest";
import { describeTimes, findings } from "./token-findings.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const SECONDS = NOW / 1000;
const HEADER = { alg: "ES256", typ: "at+jwt", kid: "1" };
const CLAIMS = { iss: "https://a.example", sub: "1", aud: "b", iat: SECONDS - 60, exp: SECONDS + 840 };

function found(header: object, claims: Record<string, unknown>, signed = true): string[] {
  return findings(header, claims, { now: NOW, signed });
}

describe("times in words", () => {
  it.each([
    [840, "expires 2026-01-01T00:14:00.000Z (in 14 minutes)"],
    [1, "expires 2026-01-01T00:00:01.000Z (in 1 second)"],
    [0, "expires 2026-01-01T00:00:00.000Z (just now)"],
    [-59, "expires 2025-12-31T23:59:01.000Z (59 seconds ago)"],
    [-7200, "expires 2025-12-31T22:00:00.000Z (2 hours ago)"],
    [86_400 * 30, "expires 2026-01-31T00:00:00.000Z (in 30 days)"],
  ])("%i seconds from now", (seconds, expected) => {
    expect(describeTimes({ exp: SECONDS + seconds }, NOW)).toEqual([expected]);
  });

  it("tells of all that there are, and of nothing that is no time", () => {
    const times = describeTimes({ exp: "soon", nbf: 1e300, iat: SECONDS, auth_time: SECONDS }, NOW);
    expect(times.map((line) => line.split(" 2026", 1)[0])).toEqual(["issued", "signed in"]);
  });
});

describe("what is wrong with a token", () => {
  it("is nothing, if it is like ours", () => {
    expect(found(HEADER, CLAIMS)).toEqual([]);
  });

  it.each([
    ["no algorithm", { ...HEADER, alg: "none" }, CLAIMS, "alg: none, so anyone can have written this token."],
    ["none in other letters", { ...HEADER, alg: "nOnE" }, CLAIMS, "alg: none, so anyone can have written this token."],
    ["no type", { alg: "ES256" }, CLAIMS, "typ: missing, so the token could be taken for one of another kind (RFC 8725 §3.11)."],
    ["no end", HEADER, { ...CLAIMS, exp: undefined }, "exp: missing, so the token never expires."],
    ["its end is past", HEADER, { ...CLAIMS, exp: SECONDS - 3600, iat: SECONDS - 7200 }, "exp: the token expired 1 hour ago."],
    ["its end is now", HEADER, { ...CLAIMS, exp: SECONDS }, "exp: the token expired just now."],
    ["too early", HEADER, { ...CLAIMS, nbf: SECONDS + 120 }, "nbf: the token is not good yet; it will be in 2 minutes."],
    ["issued tomorrow", HEADER, { ...CLAIMS, iat: SECONDS + 600 }, "iat: issued in the future; a clock is wrong."],
    ["lives a week", HEADER, { ...CLAIMS, exp: SECONDS + 604_800 }, "exp: the token lives longer than a day."],
    ["times in milliseconds", HEADER, { ...CLAIMS, iat: NOW * 1e6 }, "iat: not a time in seconds."],
    ["no subject", HEADER, { ...CLAIMS, sub: undefined }, "sub: missing."],
    ["a password inside", HEADER, { ...CLAIMS, passwordHash: "x" }, "passwordHash: looks like a secret, and tokens can be read by anyone."],
  ])("%s", (_, header, claims: Record<string, unknown>, expected) => {
    expect(found(header, claims)).toEqual([expected]);
  });

  it("is that nobody has signed it", () => {
    expect(found(HEADER, CLAIMS, false)).toEqual(["signature: missing, so anyone can have written this token."]);
  });
});
