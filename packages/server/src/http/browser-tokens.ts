import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Session } from "../sessions/session.ts";
import { randomText } from "../random.ts";

/** What a browser is given besides tokens, none of it stored. Each is of one kind, and good for nothing else. */
export interface BrowserTokens {
  /** For `X-CSRF-Token`: proves that a request comes from a page that could read our answer. */
  csrf(sessionId: string): string;
  isCsrf(token: string, sessionId: string): boolean;
  /** The value of the sign-in cookie: names the session to the hosted pages. Making one takes our key and the row. */
  signin(session: Named): string;
  /** Whether the value is that of this session, as far as it goes: the session may have ended. */
  isSignin(value: string, session: Named): boolean;
  /**
   * For a form of the hosted pages, bound to whom it was made for. No two are alike: the length of a compressed page gives
   * none away.
   */
  form(holder: string): string;
  isForm(token: string, holder: string): boolean;
}

type Named = Pick<Session, "id" | "secret">;

/** Bytes that make each form's token its own. */
const SALT_BYTES = 12;

/** `secret` is asked each time: it changes when the key is taken out. */
export function createBrowserTokens(secret: () => KeyObject, random: { bytes(length: number): Uint8Array }): BrowserTokens {
  const mac = (purpose: string, ...of: (string | Uint8Array)[]): string => {
    const hmac = createHmac("sha256", secret()).update(purpose);
    for (const part of of) hmac.update(" ").update(part);
    return hmac.digest("base64url");
  };
  const signin = ({ id, secret: row }: Named): string => `${id}.${mac("signin", id, row)}`;
  const form = (holder: string, salt: string): string => `${salt}.${mac("form", salt, holder)}`;
  return {
    csrf: (sessionId) => mac("csrf", sessionId),
    isCsrf: (token, sessionId) => isSame(token, mac("csrf", sessionId)),
    signin,
    isSignin: (value, session) => isSame(value, signin(session)),
    form: (holder) => form(holder, randomText(random, SALT_BYTES)),
    isForm: (token, holder) => isSame(token, form(holder, token.split(".", 1)[0] ?? "")),
  };
}

/** In constant time, but for the length, which is no secret. */
function isSame(actual: string, expected: string): boolean {
  const [a, b] = [Buffer.from(actual), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
