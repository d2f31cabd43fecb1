import { isTime } from "./read-token.ts";
import type { ReadToken } from "./read-token.ts";

export interface Finding {
  readonly tone: "bad" | "warn";
  readonly about: string;
  readonly text: string;
}

const LONG_LIFE_SECONDS = 86_400;

/** What is wrong with a token, or unwise, whatever its signature says. `now` in milliseconds. */
export function findings({ header, claims, parts }: ReadToken, now: number): Finding[] {
  const found: Finding[] = [];
  const bad = (about: string, text: string): void => void found.push({ tone: "bad", about, text });
  const warn = (about: string, text: string): void => void found.push({ tone: "warn", about, text });
  const { alg, typ } = header;
  if (typeof alg !== "string" || /^none$/i.test(alg)) bad("alg", "none: anyone can have written this token.");
  else if (parts[2] === "") bad("signature", "missing: anyone can have written this token.");
  else if (alg.startsWith("HS")) warn("alg", "symmetric: everyone who can verify it can also make it.");
  for (const name of ["jwk", "jku", "x5u", "x5c"]) {
    if (header[name] !== undefined) bad(name, "the token brings its own key: a verifier that believes it believes anything.");
  }
  if (header["crit"] !== undefined) {
    warn("crit", "a verifier that does not know these extensions has to refuse it (RFC 7515 §4.1.11).");
  }
  if (typ === undefined) warn("typ", "missing: it could be taken for a token of another kind (RFC 8725 §3.11).");
  const { exp, nbf, iat } = claims;
  for (const name of ["exp", "nbf", "iat", "auth_time"]) {
    if (claims[name] !== undefined && !isTime(claims[name])) bad(name, "not a time in seconds.");
  }
  if (exp === undefined) bad("exp", "missing: the token never expires.");
  if (isTime(iat) && iat * 1000 > now + 60_000) bad("iat", "issued in the future: a clock is wrong.");
  if (isTime(exp) && isTime(iat) && exp - iat > LONG_LIFE_SECONDS) {
    warn("exp", "it lives for longer than a day: whoever steals it has it for as long.");
  }
  if (isTime(nbf) && isTime(exp) && nbf >= exp) bad("nbf", "it is never good.");
  for (const name of ["iss", "sub", "aud"]) if (claims[name] === undefined) warn(name, "missing.");
  for (const name of secretNames(claims)) bad(name, "looks like a secret, and anyone who has the token can read it.");
  return found;
}

const SECRET = /passw|secret|private.?key|api.?key|credit.?card|ssn$/i;

function secretNames(claims: object): string[] {
  return Object.entries(claims).flatMap(([name, value]: [string, unknown]) => {
    const within = typeof value === "object" && value !== null ? secretNames(value).map((one) => `${name}.${one}`) : [];
    return SECRET.test(name) ? [name, ...within] : within;
  });
}
