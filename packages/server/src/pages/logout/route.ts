import { OstiaryError } from "../../errors.ts";
import { deviceOf } from "../../http/device.ts";
import { parseForm, readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { readLogoutRequest } from "../../oauth/end-sign-on.ts";
import type { LogoutParameters, LogoutRequest } from "../../oauth/end-sign-on.ts";
import { revokeSession } from "../../sessions/revoke.ts";
import { failureOf } from "../failure.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import { whenOpened } from "../page-route.ts";
import type { PageRoute } from "../page-route.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { CONFIRM_PATH, confirmPage, LOGOUT_PATH, signedOutPage } from "./page.ts";

/** Signing out of everything from an app (OIDC RP-Initiated Logout 1.0). */
export const logoutRoutes: readonly PageRoute[] = [
  { method: "get", path: LOGOUT_PATH, handle: whenOpened(show) },
  { method: "post", path: LOGOUT_PATH, handle: comeByGet },
  { method: "post", path: CONFIRM_PATH, handle: confirm },
  // Where a confirmation was answered with a page, and somebody reloads it.
  { method: "get", path: CONFIRM_PATH, handle: (visit) => visit.c.redirect(visit.link(LOGOUT_PATH), 303) },
];

const PARAMETERS = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"];
const MAX_VALUE = 8192;

/**
 * Ends the session that is there without asking if the client has an ID token of it, which nobody else has; else asks, so
 * that no page of another site signs people out.
 */
async function show(visit: Visit): Promise<Response> {
  const { c } = visit;
  const asked = parametersOf(parseForm(new URL(c.req.url).search.slice(1)));
  const request = await requestOf(visit, asked);
  const { visitor } = await findVisitor(visit);
  if (visitor !== null && !(await isProven(visit, visitor, request))) return confirmPage(visit, visitor, request, asked, null);
  if (visitor !== null) await end(visit, visitor, request);
  // Of an app that nobody vouches for an ID token is one of anybody's: here it has signed nobody out.
  if (visitor === null && request.client?.selfRegistered !== undefined) return signedOutPage(visit, request, { leadsOn: false });
  // No form of ours has brought them here, so nothing holds a redirect to their app.
  return request.returnTo === null ? signedOutPage(visit, request) : c.redirect(request.returnTo, 303);
}

/** An ID token of before the user signed in anew is one of the same visit, if the client was noted to have it. */
async function isProven({ deps }: Visit, { session }: Visitor, { client, provenSignOnId }: LogoutRequest): Promise<boolean> {
  if (client === null || provenSignOnId === null) return false;
  return provenSignOnId === session.id || (await deps.oauth.store.signOns.sessionOf(provenSignOnId, client.id)) === session.id;
}

/**
 * The same by a form of the client's page (§2). Browsers send it without the cookie that says who is there; with the
 * request that they are led to here they send it.
 */
async function comeByGet(visit: Visit): Promise<Response> {
  const form = await readForm(visit.c);
  const query = new URLSearchParams([...form].filter(([name]) => PARAMETERS.includes(name))).toString();
  return visit.c.redirect(`${visit.deps.settings.issuer}${LOGOUT_PATH}${query === "" ? "" : `?${query}`}`, 303);
}

async function confirm(visit: Visit): Promise<Response> {
  requireOwnPage(visit.c, visit);
  const form = await readForm(visit.c);
  const asked = { ...parametersOf(form), idTokenHint: null };
  const request = await requestOf(visit, asked);
  const { visitor } = await findVisitor(visit);
  if (visitor === null) return signedOutPage(visit, request);
  try {
    requireFormOf(form, holderOf(visitor), visit);
    await end(visit, visitor, request);
  } catch (error) {
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    if (failure.retryAfterSeconds !== undefined) visit.c.header("Retry-After", String(failure.retryAfterSeconds));
    return confirmPage(visit, visitor, request, asked, failure);
  }
  return signedOutPage(visit, request);
}

async function end({ c, deps }: Visit, { session }: Visitor, { client }: LogoutRequest): Promise<void> {
  const detail = client === null ? {} : { clientId: client.id };
  await revokeSession(deps.sessions, session, "logout", deviceOf(c), detail);
  deps.cookies.clearSession(c);
}

function requestOf({ deps }: Visit, asked: LogoutParameters): Promise<LogoutRequest> {
  return readLogoutRequest({ clients: deps.clients.known, readIdTokenHint: deps.oauth.readIdTokenHint }, asked);
}

function parametersOf(form: Form): LogoutParameters {
  for (const name of PARAMETERS) {
    const value = form.get(name) ?? "";
    if (value.length > MAX_VALUE || value.includes("\0")) {
      throw new OstiaryError("invalid_request", `${name} is no such thing.`, { reason: "invalid_field", field: name });
    }
  }
  const of = (name: string): string | null => form.get(name) ?? null;
  return {
    idTokenHint: of("id_token_hint"),
    clientId: of("client_id"),
    postLogoutRedirectUri: of("post_logout_redirect_uri"),
    state: of("state"),
  };
}
