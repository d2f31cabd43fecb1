/** What can be said of a token without its key. */

const TIME_CLAIMS: readonly (readonly [string, string])[] = [
  ["iat", "issued"],
  ["nbf", "good from"],
  ["exp", "expires"],
  ["auth_time", "signed in"],
];

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

const LONG_LIFE_SECONDS = 86_400;

/** One line for each time in the token: "expires 2026-01-01T00:00:00.000Z (in 12 minutes)". `now` in milliseconds. */
export function describeTimes(claims: Readonly<Record<string, unknown>>, now: number): string[] {
  return TIME_CLAIMS.flatMap(([claim, words]) => {
    const seconds = claims[claim];
    if (!isTime(seconds)) return [];
    return [`${words} ${new Date(seconds * 1000).toISOString()} (${inWords(seconds - now / 1000)})`];
  });
}

/** What is wrong with the token, or unwise, a sentence each. `now` in milliseconds; `signed`: it has a signature part. */
export function findings(
  header: object,
  claims: Readonly<Record<string, unknown>>,
  { now, signed }: { now: number; signed: boolean },
): string[] {
  const found: string[] = [];
  const { alg, typ } = header as { alg?: unknown; typ?: unknown };
  if (typeof alg !== "string" || /^none$/i.test(alg)) found.push("alg: none, so anyone can have written this token.");
  else if (!signed) found.push("signature: missing, so anyone can have written this token.");
  if (typ === undefined) found.push("typ: missing, so the token could be taken for one of another kind (RFC 8725 §3.11).");
  for (const [claim] of TIME_CLAIMS) {
    if (claims[claim] !== undefined && !isTime(claims[claim])) found.push(`${claim}: not a time in seconds.`);
  }
  const { exp, nbf, iat } = claims;
  if (exp === undefined) found.push("exp: missing, so the token never expires.");
  if (isTime(exp) && exp * 1000 <= now) found.push(`exp: the token expired ${inWords(exp - now / 1000)}.`);
  if (isTime(nbf) && nbf * 1000 > now) found.push(`nbf: the token is not good yet; it will be ${inWords(nbf - now / 1000)}.`);
  if (isTime(iat) && iat * 1000 > now + 60_000) found.push("iat: issued in the future; a clock is wrong.");
  if (isTime(exp) && isTime(iat) && exp - iat > LONG_LIFE_SECONDS) found.push("exp: the token lives longer than a day.");
  for (const name of ["iss", "sub", "aud"]) if (claims[name] === undefined) found.push(`${name}: missing.`);
  for (const name of Object.keys(claims)) {
    if (/passw|secret|private.?key/i.test(name)) found.push(`${name}: looks like a secret, and tokens can be read by anyone.`);
  }
  return found;
}

/** Within what a Date can hold. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= 8_640_000_000_000;
}

function inWords(seconds: number): string {
  if (Math.abs(seconds) < 1) return "just now";
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS[3];
  return new Intl.RelativeTimeFormat("en", { numeric: "always" }).format(Math.round(seconds / size), unit);
}
