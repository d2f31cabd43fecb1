/**
 * The form that a guard asks of a token before it reads what is in it: one text for the same bytes, and nothing in the
 * header that would let the token say how it is to be verified.
 */
import type { ReadToken } from "./read-token.ts";

const REFUSED = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"];
const MAX_LENGTH = 16_384;
const MAX_DEPTH = 32;

/** Why a guard refuses the token before its signature; null if it does not. */
export function formProblem({ header, parts, texts }: ReadToken): string | null {
  if (parts.join(".").length > MAX_LENGTH) return `It is longer than ${MAX_LENGTH.toLocaleString("en")} characters.`;
  if (parts[2] === "") return "There is no signature.";
  if (!parts.every(isCanonical)) {
    return "A part of it is not base64url as it has to be: there is another text for the same bytes.";
  }
  const problem = jsonProblem(texts[0], header);
  if (problem !== null) return `The header ${problem}.`;
  if (typeof header["alg"] !== "string") return "The header has no alg.";
  for (const name of ["typ", "kid", "cty"]) {
    if (header[name] !== undefined && typeof header[name] !== "string") return `The header's ${name} is not a text.`;
  }
  const refused = REFUSED.find((name) => Object.hasOwn(header, name));
  return refused === undefined ? null : `The header has ${refused}, which no guard takes.`;
}

/** Why a guard refuses what the token says, once its signature is found good; null if it does not. */
export function payloadProblem({ claims, texts }: ReadToken): string | null {
  const problem = jsonProblem(texts[1], claims);
  return problem === null ? null : `What it says ${problem}.`;
}

function isCanonical(part: string): boolean {
  try {
    const again = btoa(atob(part.replaceAll("-", "+").replaceAll("_", "/")));
    return again.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") === part;
  } catch {
    return false;
  }
}

function jsonProblem(text: string, value: object): string | null {
  if (depthOf(value) > MAX_DEPTH) return "is nested too deeply";
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
  const names = namesIn(value);
  if (names.length !== colons) return "has a name twice";
  return text.includes("\\") && names.some((name) => name.includes("\\")) ? "has a name with a backslash" : null;
}

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(namesIn)];
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, one) => Math.max(deepest, depthOf(one)), 0);
}
