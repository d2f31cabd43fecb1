/** How API keys are found out about: by asking the auth server with the guard's credentials, or within its own process. */
import { invalidToken, keysUnknown } from "../challenge.ts";
import type { Known } from "../readmission.ts";
import type { Introspector } from "../introspector.ts";
import type { ApiKeys, AskForKey, KeyClaims, KeyReading } from "./api-keys.ts";

/** Asks the auth server (RFC 7662). 503 when it does not answer. */
export function askServer(introspector: Introspector): AskForKey {
  return async (key) => {
    try {
      const answer = await introspector.describe(key);
      if (answer === null) return null;
      const { active: _active, token_type: _type, ...claims } = answer;
      return freeze(claims);
    } catch (error) {
      throw keysUnknown(error);
    }
  };
}

export interface KeyRules<Who> {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly clock: () => number;
  /** The claims as of a free token; throws a `GuardError`. */
  readonly read: (claims: KeyClaims) => Known<Who>;
}

/** What a verifier looks at in a token, for claims that came without one. Throws a `GuardError`. */
export function readKeyClaims<Who>({ issuer, audience, clock, read }: KeyRules<Who>): (claims: KeyClaims) => KeyReading<Who> {
  const names = [audience].flat();
  return (claims) => {
    const { iss, aud, exp } = claims;
    const isOurs = iss === issuer && [aud].flat().some((name) => typeof name === "string" && names.includes(name));
    if (!isOurs || typeof exp !== "number" || !Number.isFinite(exp)) throw invalidToken("claim_invalid");
    if (exp * 1000 <= clock()) throw invalidToken("token_expired");
    return { ...read(claims), exp };
  };
}

/** Where there is nobody to ask. */
export function refuseKeys<Who>(issuer: string, onWarning: (message: string) => void): ApiKeys<Who> {
  let warned = false;
  function refuse(): Promise<never> {
    if (!warned) onWarning(`The guard of ${issuer} refuses API keys: it needs the option revocation, to ask about them`);
    warned = true;
    return Promise.reject(invalidToken("token_malformed"));
  }
  return { find: refuse, renew: refuse };
}

/** As the token engine hands out claims: all the way down. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
