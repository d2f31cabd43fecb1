import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";

/** What a browser is given besides tokens, each bound to a session, none of it stored. */
export interface BrowserTokens {
  /** For `X-CSRF-Token`: proves that a request comes from a page that could read our answer. */
  csrf(sessionId: string): string;
  isCsrf(token: string, sessionId: string): boolean;
  /** The value of the sign-in cookie: names the session to the hosted pages. */
  signin(sessionId: string): string;
}

export function createBrowserTokens(secret: Uint8Array): BrowserTokens {
  // Made once: with bytes for a key `createHmac` takes several times as long.
  const key = createSecretKey(secret);
  const mac = (purpose: string, sessionId: string): string =>
    createHmac("sha256", key).update(`${purpose} ${sessionId}`).digest("base64url");
  return {
    csrf: (sessionId) => mac("csrf", sessionId),
    isCsrf(token, sessionId) {
      const expected = Buffer.from(mac("csrf", sessionId));
      const actual = Buffer.from(token);
      return actual.length === expected.length && timingSafeEqual(actual, expected);
    },
    signin: (sessionId) => `${sessionId}.${mac("signin", sessionId)}`,
  };
}
