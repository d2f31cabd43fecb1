import { ACCESS_COOKIE } from "@ostiary/protocol";
import { parse, serialize } from "hono/utils/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import { OstiaryError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import { randomText } from "../random.ts";
import type { Random } from "../random.ts";
import type { HttpContext } from "./http-context.ts";

/** The cookies of the contract. With an https issuer they are `Secure`, and `__Secure-` or `__Host-` stands before each name. */
export interface Cookies {
  readRefreshToken(c: HttpContext): string | null;
  /**
   * The same, where it decides whose session goes on. Throws `csrf_failed` if there are two: another host of the same site
   * has set one, and it might be somebody else's (RFC 6265 §8.6).
   */
  readOnlyRefreshToken(c: HttpContext): string | null;
  /** The browser's name, if it has one. It authorises nothing. */
  readDevice(c: HttpContext): string | null;
  newDevice(): string;
  /** What names the session to the hosted pages. */
  readSignin(c: HttpContext): string | null;
  /** If there is one. */
  clearSignin(c: HttpContext): void;
  /** What binds the forms of the hosted pages to a browser that nobody is signed in with; made if there is none. */
  formHolder(c: HttpContext): string;
  /**
   * What names the browser to sign-ins that are under way with other issuers; null if it is none of ours. Throws
   * `csrf_failed`, as above.
   */
  readTransaction(c: HttpContext): string | null;
  /** The same for what may begin now: a new one if there is none, which is given to the browser once it is needed. */
  transactionName(c: HttpContext): string;
  /** Gives it to the browser, or leaves it there a while longer: for all that begins in it. */
  transaction(c: HttpContext, seconds: number, name?: string): string;
  /** What names a sign-in of this browser that waits for its second step, to the hosted pages alone. */
  readPending(c: HttpContext): string | null;
  setPending(c: HttpContext, mfaToken: string, seconds: number): void;
  clearPending(c: HttpContext): void;
  readonly accessName: string;
  /** The access token that pages of apps at the issuer's origin are rendered by. No route of the API takes it. */
  readAccess(c: HttpContext): string | null;
  setAccess(c: HttpContext, accessToken: string, seconds: number): void;
  /** Where there is one: a session that begins must not show what was rendered for another. */
  clearAccess(c: HttpContext): void;
  setSession(c: HttpContext, session: SessionCookies): void;
  clearSession(c: HttpContext): void;
}

export interface SessionCookies {
  readonly refreshToken: string;
  readonly csrfToken: string;
  /** Null leaves what there is. */
  readonly signin: string | null;
  /** Null leaves the browser nameless. */
  readonly device: string | null;
  /** When the refresh token stops being good, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Browsers keep no cookie longer, and libraries refuse to set one. A session may well last longer: it is set anew. */
const MAX_COOKIE_SECONDS = 400 * 86_400;
/** Nor one that is longer, name and value together (RFC 6265bis §5.6): they drop it without a word. */
export const MAX_COOKIE_LENGTH = 4096;
/** What 32 random bytes look like. */
const RANDOM_FORM = /^[A-Za-z0-9_-]{43}$/;

function getCookie(c: HttpContext, name: string): string | undefined {
  const cookies = c.req.header("cookie");
  return cookies === undefined ? undefined : parse(cookies, name)[name];
}

export function createCookies(options: {
  issuerPath: string;
  secure: boolean;
  clock: Clock;
  random: Random;
}): Cookies {
  const { secure } = options;
  const prefix = secure ? "__Secure-" : "";
  const path = options.issuerPath === "" ? "/" : options.issuerPath;
  const refresh = { name: `${prefix}ostiary_refresh`, path, httpOnly: true, secure, sameSite: "Strict" } as const;
  const csrf = { name: `${prefix}ostiary_csrf`, path: "/", httpOnly: false, secure, sameSite: "Strict" } as const;
  const device = { name: `${prefix}ostiary_device`, path, httpOnly: true, secure, sameSite: "Strict" } as const;
  const signin = { name: `${prefix}ostiary_signin`, path, httpOnly: true, secure, sameSite: "Lax" } as const;
  const form = { ...signin, name: `${prefix}ostiary_form` } as const;
  // For all paths, so that they can be of this host alone: no sister site can put one of its own in their place.
  const hostPrefix = secure ? "__Host-" : "";
  // It comes along when another site sends the browser back.
  const transaction = { ...signin, name: `${hostPrefix}ostiary_transaction`, path: "/" } as const;
  const pending = { ...transaction, name: `${hostPrefix}ostiary_pending` } as const;
  const accessName = `${hostPrefix}${ACCESS_COOKIE}`;
  const access = { name: accessName, path: "/", httpOnly: true, secure, sameSite: "Lax" } as const;
  const newName = (): string => randomText(options.random, 32);

  function set(c: HttpContext, cookie: CookieOptions & { name: string }, value: string, maxAge: number): void {
    const { name, ...attributes } = cookie;
    c.addCookie(serialize(name, value, { ...attributes, maxAge }));
  }

  function clearSignin(c: HttpContext): void {
    if (getCookie(c, signin.name) !== undefined) set(c, signin, "", 0);
  }

  function clearAccess(c: HttpContext): void {
    if (getCookie(c, access.name) !== undefined) set(c, access, "", 0);
  }
  function requireOne(c: HttpContext, name: string): void {
    const named = (c.req.header("cookie") ?? "").split(";").filter((pair) => pair.trimStart().startsWith(`${name}=`));
    if (named.length > 1) throw new OstiaryError("csrf_failed", `The request carries two cookies ${name}.`);
  }

  const readTransaction = (c: HttpContext): string | null => {
    requireOne(c, transaction.name);
    const value = getCookie(c, transaction.name);
    return value !== undefined && RANDOM_FORM.test(value) ? value : null;
  };
  const readRefreshToken = (c: HttpContext): string | null => getCookie(c, refresh.name) ?? null;

  return {
    readRefreshToken,
    readOnlyRefreshToken(c) {
      requireOne(c, refresh.name);
      return readRefreshToken(c);
    },
    readDevice(c) {
      const value = getCookie(c, device.name);
      return value !== undefined && RANDOM_FORM.test(value) ? value : null;
    },
    newDevice: newName,
    clearSignin,
    readSignin: (c) => getCookie(c, signin.name) ?? null,
    formHolder(c) {
      const value = getCookie(c, form.name);
      if (value !== undefined && RANDOM_FORM.test(value)) return value;
      const fresh = newName();
      const { name, ...attributes } = form;
      c.addCookie(serialize(name, fresh, attributes));
      return fresh;
    },
    readTransaction,
    transactionName: (c) => readTransaction(c) ?? newName(),
    transaction(c, seconds, name) {
      const value = name ?? readTransaction(c) ?? newName();
      set(c, transaction, value, seconds);
      return value;
    },
    readPending(c) {
      const value = getCookie(c, pending.name);
      return value !== undefined && RANDOM_FORM.test(value) ? value : null;
    },
    setPending: (c, mfaToken, seconds) => set(c, pending, mfaToken, seconds),
    clearPending: (c) => set(c, pending, "", 0),
    accessName,
    readAccess: (c) => getCookie(c, access.name) ?? null,
    setAccess: (c, accessToken, seconds) => set(c, access, accessToken, seconds),
    clearAccess,
    setSession(c, session) {
      const seconds = Math.floor((session.expiresAt - options.clock()) / 1000);
      const maxAge = Math.min(Math.max(0, seconds), MAX_COOKIE_SECONDS);
      set(c, refresh, session.refreshToken, maxAge);
      set(c, csrf, session.csrfToken, maxAge);
      if (session.signin !== null) set(c, signin, session.signin, maxAge);
      if (session.device !== null) set(c, device, session.device, MAX_COOKIE_SECONDS);
    },
    clearSession(c) {
      for (const cookie of [refresh, csrf, signin]) set(c, cookie, "", 0);
      clearAccess(c);
    },
  };
}
