/**
 * Who asks, by the Authorization header or by the cookie that holds the access token. A cookie comes with whatever a
 * browser sends, so a request that a page of another origin caused is refused.
 */
import { ACCESS_COOKIE } from "@ostiary/protocol";
import { foreignRequest, missingToken } from "../../challenge.ts";
import type { GuardedRequest } from "../../extract-token.ts";
import type { Guard } from "../../guard.ts";
import type { Identity } from "../../identity.ts";

/** A request as far as it is known: where pages are rendered, Next tells no method. */
export interface Asked {
  readonly method: string | null;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly cookie: string | null;
}

export interface Site {
  /** The app's, and the issuer's. */
  readonly origin: string;
  readonly cookieName: string;
}

const SAFE = ["GET", "HEAD", "OPTIONS"];

export function siteOf(issuer: URL): Site {
  const isSecure = issuer.protocol === "https:";
  return { origin: issuer.origin, cookieName: `${isSecure ? "__Host-" : ""}${ACCESS_COOKIE}` };
}

export function askedBy(request: GuardedRequest, { cookieName }: Site): Asked {
  const { method, url, headers } = request;
  return { method, url, headers, cookie: readCookie(headers.get("cookie") ?? "", cookieName) };
}

/** Throws a GuardError: what the guard throws, `missing_token`, or `csrf_failed`. */
export async function identify<Claims extends object>(
  guardOf: () => Promise<Guard<Claims>>,
  asked: Asked,
  site: Site,
): Promise<Identity<Claims>> {
  const { method, url, headers, cookie } = asked;
  if (bringsToken(asked)) {
    return (await guardOf()).authenticate({ method: method ?? "GET", url, headers });
  }
  if (isForeign(asked, site)) throw foreignRequest();
  if (cookie === null) throw missingToken();
  return (await guardOf()).verify(cookie);
}

/** By its Authorization header. Other schemes are not ours: a gate in front of the app that asks for Basic is sent it with all. */
export function bringsToken({ headers }: Asked): boolean {
  return /(?:^|,[ \t]*)(?:bearer|dpop)(?:[ \t,]|$)/i.test(headers.get("authorization") ?? "");
}

/**
 * Browsers send `Origin` with all that changes something, and with what scripts of other origins read; without it, it is
 * somebody who follows a link, which the cookie's SameSite=Lax is for.
 */
function isForeign({ method, headers }: Asked, { origin }: Site): boolean {
  const from = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (from === null && (method === null || SAFE.includes(method))) return false;
  return site === null ? from !== origin : site !== "same-origin" && site !== "none";
}

function readCookie(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const [key = "", value = ""] = pair.trim().split("=", 2);
    if (key === name && value !== "") return value;
  }
  return null;
}
