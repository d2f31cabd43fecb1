import { MFA_ACR, PASSWORD_ACR } from "@ostiary/protocol";
import { toSeconds } from "../clock.ts";
import type { Session, SignInMethod } from "./session.ts";

export { MFA_ACR, PASSWORD_ACR };

/** From the least to the most: what is more answers for what is less. */
export const ACR_VALUES = [PASSWORD_ACR, MFA_ACR] as const;
export type Acr = (typeof ACR_VALUES)[number];

/** How another issuer made sure of them is not ours to say, and RFC 8176 has no word for it. */
const WORDS: Readonly<Record<SignInMethod, readonly string[]>> = {
  pwd: ["pwd"],
  fed: [],
  otp: ["otp"],
  recovery: ["otp"],
  // A key that was proven, and somebody there: whether it also knew who, the words beside it say.
  passkey: ["pop", "user"],
};

/** What RFC 8176 calls it; empty where it has no word. */
export function amrOf(methods: readonly SignInMethod[]): readonly string[] {
  const words = methods.flatMap((method) => WORDS[method]);
  return isMultiFactor(methods) ? [...words, "mfa"] : words;
}

/** Null where all that is known is the word of another issuer, or nothing. */
export function acrOf(methods: readonly SignInMethod[]): Acr | null {
  if (isMultiFactor(methods)) return MFA_ACR;
  return methods.includes("pwd") ? PASSWORD_ACR : null;
}

export interface AuthenticationClaims {
  readonly auth_time?: number;
  readonly amr?: readonly string[];
  readonly acr?: Acr;
}

/** When and how the user of a session signed in (RFC 9068 §2.2.1, OIDC Core §2), as far as there is something to say. */
export function authenticationClaims({ authTime, methods }: Pick<Session, "authTime" | "methods">): AuthenticationClaims {
  const [amr, acr] = [amrOf(methods), acrOf(methods)];
  return {
    ...(authTime === 0 ? {} : { auth_time: toSeconds(authTime) }),
    ...(amr.length === 0 ? {} : { amr }),
    ...(acr === null ? {} : { acr }),
  };
}

/** Alone a passkey is two: the thing itself, and what unlocks it, which is required then. */
function isMultiFactor(methods: readonly SignInMethod[]): boolean {
  return new Set(methods).size > 1 || methods.includes("passkey");
}
