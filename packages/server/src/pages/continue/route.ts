/**
 * Where apps whose pages are rendered on a server of the issuer's origin send a browser that has no access token any more.
 * Such pages see nothing of the refresh cookie; here the session is refreshed, the access token put into a cookie that
 * they do see, and the request sent back to where it was going, method and body as they were.
 */
import { OstiaryError } from "../../errors.ts";
import { deviceOf } from "../../http/device.ts";
import { MAX_COOKIE_LENGTH } from "../../http/cookies.ts";
import { noteRefusedRefresh } from "../../http/refused-refresh.ts";
import { isItsBrowser } from "../../http/session-cookies.ts";
import { setSessionCookies } from "../../http/token-response.ts";
import { refreshSession } from "../../sessions/refresh.ts";
import type { IssuedTokens } from "../../sessions/session-deps.ts";
import { html } from "../html.ts";
import { requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import { render } from "../render.ts";
import { originOf } from "../visit.ts";
import type { Visit } from "../visit.ts";
import { wantsPage } from "../wants-page.ts";
import { isHeld } from "./held-token.ts";

export const continueRoutes: readonly PageRoute[] = (["get", "post", "patch", "delete"] as const).map((method) => ({
  method,
  path: "/continue",
  handle: pass,
}));

async function pass(visit: Visit): Promise<Response> {
  const { c, deps, returnTo } = visit;
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  // What is sent on changes something. From another page it would come with the cookies that are only set here.
  if (!isRead) requireOwnPage(c, visit);
  if (returnTo === null || originOf(returnTo) !== originOf(deps.settings.issuer)) {
    return c.redirect(visit.link("/account"), 303);
  }
  // One of several requests that came at once has been here before, and nothing is left to do.
  if (await isHeld(visit)) return sendBack(visit, returnTo);

  const refreshToken = deps.cookies.readOnlyRefreshToken(c);
  if (refreshToken === null) return isRead && mayBeWithheld(visit) ? comeAgain(visit) : toSignIn(visit, false);
  const issued = await tryToRefresh(visit, refreshToken);
  if (issued === null) return toSignIn(visit, true);
  const { accessToken, accessTokenSeconds, session } = issued;
  // In any case: the session has been rotated, and the browser that goes on with the token of before would pass for a thief.
  setSessionCookies(c, deps, issued, deps.cookies.readDevice(c), isItsBrowser(c, deps, session));
  if (accessToken.length > MAX_COOKIE_LENGTH - 64) throw tooLong(accessToken.length);
  deps.cookies.setAccess(c, accessToken, accessTokenSeconds);
  return sendBack(visit, returnTo);
}

function sendBack({ c }: Visit, returnTo: string): Response {
  // With the "no-referrer" of all other answers browsers would send what comes back with `Origin: null`.
  c.header("Referrer-Policy", "same-origin");
  return c.redirect(returnTo, 307);
}

/** Null if the session is no more, or the token never was one of ours. */
async function tryToRefresh({ c, deps }: Visit, presented: string): Promise<IssuedTokens | null> {
  const delivery = "cookie";
  try {
    const token = deps.sessions.refreshTokens.read(presented);
    const deviceCookie = deps.cookies.readDevice(c);
    return await refreshSession(deps.sessions, {
      token,
      delivery,
      deviceCookie,
      idempotencyKey: null,
      device: deviceOf(c),
      proofKey: null,
    });
  } catch (error) {
    await noteRefusedRefresh(c, deps, error, { presented, delivery });
    // A session that is bound to a key is its app's alone: browsers on their way here have no proof of it.
    if (error instanceof OstiaryError && (error.code === "invalid_token" || error.code === "invalid_dpop_proof")) return null;
    throw error;
  }
}

/** Whether there may be a refresh cookie that browsers do not send along when they follow a link from another site. */
function mayBeWithheld({ c, deps }: Visit): boolean {
  if (c.req.query("again") !== undefined || !wantsPage(c)) return false;
  return c.req.header("sec-fetch-site") === "cross-site" || deps.cookies.readSignin(c) !== null;
}

/** The same once more, from a page of ours: then browsers send all cookies. A redirect would still count as the link. */
function comeAgain(visit: Visit): Response {
  const { texts, deps } = visit;
  const here = visit.link("/continue", { again: "1" });
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<p><a class="button" href="${here}">${texts.goOnTo(deps.settings.pages.name)}</a></p>
</div>`;
  return render(visit, { title: texts.oneMoment, body, width: "narrow", goesOnTo: here });
}

/** People are led to sign-in, and from there to where they were going; scripts are told. */
function toSignIn(visit: Visit, ended: boolean): Response {
  const { c } = visit;
  const signIn = visit.link("/sign-in", ended ? { notice: "session-ended" } : {});
  if (wantsPage(c)) return c.redirect(signIn, 303);
  // Next's own script asks for server actions, and takes no redirect to a page but this one.
  if (c.req.header("next-action") !== undefined) c.header("X-Action-Redirect", `${signIn};push`);
  if (!ended) throw new OstiaryError("missing_token", "There is no session. Sign in.");
  throw new OstiaryError("invalid_token", "The session has ended. Sign in again.", { reason: "session_revoked" });
}

function tooLong(length: number): OstiaryError {
  const advice = "Have the claims hook say less, or ask for it where it is needed.";
  return new OstiaryError("server_error", `The access token has ${length} characters, too many for a cookie. ${advice}`);
}
