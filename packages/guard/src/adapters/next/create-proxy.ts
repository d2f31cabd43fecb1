/** Next's `proxy.ts`: who has no good token is sent to the issuer and back, before anything is rendered. */
import { errorResponse } from "../../challenge.ts";
import { GuardError } from "../../guard-error.ts";
import type { Guard } from "../../guard.ts";
import { askedBy, bringsToken, identify, type Asked, type Site } from "./find-token.ts";
import type { NextFunctions } from "./next-functions.ts";
import { continueAddress } from "./send-to-issuer.ts";

/** Where pages read what they are asked as; always set here, whatever a client sends. */
export const PATH_HEADER = "x-ostiary-path";
/** For answers that depend on who asks. */
export const NOT_TO_BE_KEPT = "private, no-store";

/** What the issuer sends back as it came. */
const METHODS = ["GET", "HEAD", "POST", "PATCH", "DELETE"];

export function createProxy(
  issuer: string,
  site: Site,
  guardOf: () => Promise<Guard>,
  next: Pick<NextFunctions, "goOn">,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const asked = askedBy(request, site);
    const { pathname, search } = new URL(request.url);
    try {
      await identify(guardOf, asked, site);
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      if (error.status !== 401 || !mayFollow(asked)) return errorResponse(error);
      const location = continueAddress(issuer, site, pathname + search, asked.cookie);
      return new Response(null, { status: 307, headers: { location, "cache-control": NOT_TO_BE_KEPT } });
    }
    const headers = new Headers(request.headers);
    headers.set(PATH_HEADER, pathname + search);
    const response = await next.goOn(headers);
    response.headers.set("cache-control", NOT_TO_BE_KEPT);
    return response;
  };
}

/**
 * Whether it is a browser that asks, with cookies for the issuer: a page, a prefetch, a server action, a script. Programs
 * are told. What a script asks without a session it is told as well, by the issuer.
 */
function mayFollow(asked: Asked): boolean {
  const { method, headers } = asked;
  if (bringsToken(asked) || !METHODS.includes(method ?? "")) return false;
  const isPage = headers.get("accept")?.includes("text/html") === true;
  return isPage || headers.get("sec-fetch-site") !== null || /ostiary_csrf=/.test(headers.get("cookie") ?? "");
}
