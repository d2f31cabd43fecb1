/**
 * What a guard would say of a token, and why: its checks, in its order, without its code, which is for Node. That they are
 * the same is held by e2e/inspector-verdicts.test.ts.
 */
import { formProblem, payloadProblem } from "./form.ts";
import type { ReadToken } from "./read-token.ts";
import type { Signature } from "./verify.ts";

export interface Verdict {
  readonly tone: "good" | "bad" | "warn";
  /** The error and reason it would answer with. */
  readonly code: string;
  readonly text: string;
}

/** Empty for what is not known here, and not looked at. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
}

/** Of a guard of this issuer and audience. `now` in milliseconds. */
export function verdictOf(token: ReadToken, signature: Signature, expected: Expected, now: number): Verdict {
  const refuse = (reason: string, text: string): Verdict => ({ tone: "bad", code: `401 invalid_token · ${reason}`, text });
  const malformed = formProblem(token);
  if (malformed !== null) return refuse("token_malformed", malformed);
  if (signature.state === "bad") return refuse("signature_invalid", signature.text);
  const payload = payloadProblem(token);
  if (payload !== null) return refuse("token_malformed", payload);
  const claim = typeProblem(token.header) ?? claimProblem(token.claims, expected);
  if (claim !== null) return refuse("claim_invalid", claim);
  const { exp, nbf } = token.claims;
  if (nbf !== undefined && now / 1000 < Number(nbf)) return refuse("token_not_active", "It is not good yet.");
  if (now / 1000 >= Number(exp)) return refuse("token_expired", "It has expired.");
  const own = ownClaimProblem(token.claims);
  if (own !== null) return refuse("claim_invalid", own);
  if (signature.state === "unknown") return { tone: "warn", code: "It depends on the signature", text: signature.text };
  return {
    tone: "good",
    code: "Let in",
    text: "Unless it was revoked: a guard that follows the feed knows that, this page does not.",
  };
}

type Claims = ReadToken["claims"];

function typeProblem({ typ }: ReadToken["header"]): string | null {
  const isAccessToken = typeof typ === "string" && /^(?:application\/)?at\+jwt$/i.test(typ);
  return isAccessToken ? null : "It is no access token: typ must be at+jwt (RFC 9068).";
}

/** Of what any token must say. */
function claimProblem(claims: Claims, { issuer, audience }: Expected): string | null {
  const missing = ["exp", "iss", "aud", "iat"].find((name) => !Object.hasOwn(claims, name));
  if (missing !== undefined) return `${missing} has to be there.`;
  const noTime = ["exp", "nbf", "iat"].find((name) => claims[name] !== undefined && !Number.isFinite(claims[name]));
  if (noTime !== undefined) return `${noTime} has to be a time.`;
  const noText = ["sub", "jti"].find((name) => claims[name] !== undefined && typeof claims[name] !== "string");
  if (noText !== undefined) return `${noText} has to be a text.`;
  if (issuer !== "" && claims["iss"] !== issuer) return `iss must be ${issuer}.`;
  const audiences: unknown[] = [claims["aud"]].flat();
  if (!audiences.every((one) => typeof one === "string")) return "aud has to be a text, or a list of texts.";
  return audience === "" || audiences.includes(audience) ? null : `aud must have ${audience} in it.`;
}

/** Of what an access token of Ostiary says beside. */
function ownClaimProblem(claims: Claims): string | null {
  const { ver, scope, roles } = claims;
  const noName = ["sub", "sid", "jti", "client_id"].find((name) => typeof claims[name] !== "string" || claims[name] === "");
  if (noName !== undefined) return `${noName} has to be there, and a text.`;
  if (!Number.isSafeInteger(ver) || Number(ver) < 1) return "ver has to be there, and a whole number from 1.";
  if (typeof scope !== "string") return "scope has to be there, and a text.";
  return Array.isArray(roles) && roles.every((role) => typeof role === "string")
    ? null
    : "roles has to be there, and a list of texts.";
}
