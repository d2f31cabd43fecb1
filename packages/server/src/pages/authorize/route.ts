/**
 * The authorization endpoint (OAuth 2.1 §3.1, OIDC Core §3.1.2): a client sends its user here, and gets a code for them.
 * Owns the way through our pages: to sign-in and back, the page that asks, and what leads to the client. What a request may
 * ask and what comes next of it, `oauth` decides.
 */
import { auditEvent } from "../../audit/audit-event.ts";
import type { Client } from "../../clients/client.ts";
import { OstiaryError } from "../../errors.ts";
import { readBytes } from "../../http/body.ts";
import { deviceOf } from "../../http/device.ts";
import { readForm } from "../../http/form.ts";
import { parseParameters } from "../../http/parameters.ts";
import type { Parameters } from "../../http/parameters.ts";
import { AuthorizationRefused, readReplyTo, requireFittingLength } from "../../oauth/authorization-request.ts";
import type { AuthorizationErrorCode, AuthorizationRequest, ReplyTo } from "../../oauth/authorization-request.ts";
import { codeResponse, errorResponse } from "../../oauth/authorization-response.ts";
import { decideAuthorization } from "../../oauth/decide-authorization.ts";
import type { AuthorizationState } from "../../oauth/decide-authorization.ts";
import { hintedUser } from "../../oauth/hinted-user.ts";
import { issueCode } from "../../oauth/issue-code.ts";
import type { CodeDeps } from "../../oauth/issue-code.ts";
import { acrOf, MFA_ACR } from "../../sessions/authentication.ts";
import { requireOwnPage } from "../own-form.ts";
import { whenOpened } from "../page-route.ts";
import type { PageRoute } from "../page-route.ts";
import { visitOf } from "../visit.ts";
import type { Visit } from "../visit.ts";
import { findVisitor } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { wantsPage } from "../wants-page.ts";
import {
  authorizeUrl,
  markAnswer,
  markAsked,
  readAnswer,
  readAsked,
  withoutAnswer,
  withoutMarks,
} from "./authorize-query.ts";
import { consentHolder, consentPage } from "./consent-page.ts";
import { reply } from "./reply.ts";
import { checkedAsRequested, readRequested, useUp } from "./requested.ts";
import type { Requested } from "./requested.ts";
import { requestErrorPage } from "./request-error-page.ts";

export const authorizeRoutes: readonly PageRoute[] = [
  { method: "get", path: "/oauth/authorize", handle: whenOpened((visit) => toPerson(visit, authorize)) },
  { method: "post", path: "/oauth/authorize", handle: (visit) => toPerson(visit, takeForm) },
  { method: "post", path: "/oauth/authorize/consent", handle: (visit) => toPerson(visit, decide) },
];

/** What is longer is no e-mail address, and no list of languages that anybody reads. */
const LONGEST_WISH = 320;

/** A request that cannot be answered to its client is told to whoever came with it; to a program as JSON. */
async function toPerson(visit: Visit, handle: (visit: Visit) => Promise<Response>): Promise<Response> {
  try {
    return await handle(visit);
  } catch (error) {
    const isOfRequest = error instanceof OstiaryError && error.code === "invalid_request";
    if (isOfRequest && wantsPage(visit.c)) return requestErrorPage(visit, error);
    throw error;
  }
}

/**
 * From a form of the client's (OIDC Core §3.1.2.1) it goes on as from a link: with a form of another site browsers do not
 * send along who is signed in.
 */
async function takeForm(visit: Visit): Promise<Response> {
  const { c } = visit;
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") throw new OstiaryError("unsupported_media_type", "Send a form.");
  const url = authorizeUrl(visit, withoutMarks(parseParameters(Buffer.from(await readBytes(c)).toString("latin1"))));
  requireFittingLength(url);
  return c.redirect(url, 303);
}

async function authorize(came: Visit): Promise<Response> {
  const requested = await readRequested(came);
  const { all, asked } = requested;
  const visit = inLanguageOf(came, requested);
  const replyTo = await replyToOf(visit, asked);
  const { visitor } = await findVisitor(visit);
  const answer = visitor === null ? null : readAnswer(visit, all, visitor.session.id);
  const afterForm = answer !== null;
  try {
    const request = checkedAsRequested(visit, requested, replyTo);
    const decision = decideAuthorization(request, {
      signOn: visitor && signOnOf(visitor),
      hintedUserId: hintedUser(visit.deps.oauth.readIdTokenHint, request),
      askedAt: readAsked(visit, all),
      answer,
      allowedScopes: visitor === null ? [] : await visit.deps.oauth.store.consents.find(visitor.user.id, replyTo.client.id),
      now: visit.deps.sessions.clock(),
    });
    if (decision.kind === "refuse") throw new AuthorizationRefused(decision.code, decision.description);
    if (visitor === null || decision.kind === "sign_in") {
      return visit.c.redirect(signInUrl(visit, request, requested, visitor), 303);
    }
    if (decision.kind === "ask") {
      const otherAccount = signInUrl(visit, request, requested, visitor, "select_account");
      return consentPage(visit, { request, parameters: withoutAnswer(all), visitor, otherAccount });
    }
    await useUp(visit, requested);
    await visit.deps.selfRegistration.documents?.keep(replyTo.client);
    const code = await issueCode(codeDeps(visit), request, visitor.session, deviceOf(visit.c));
    return reply(visit, replyTo, codeResponse(code, replyTo, visit.deps.settings.issuer), afterForm ? "page" : "redirect");
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    await useUp(visit, requested);
    return reply(
      visit,
      replyTo,
      errorResponse(refusal, replyTo, visit.deps.settings.issuer),
      afterForm ? "page" : wayOut(replyTo, asked),
    );
  }
}

/** An app that asks without a page (`prompt=none`) shows none of ours either. */
function wayOut({ client }: ReplyTo, asked: Parameters): "redirect" | "button" {
  const isSilent = asked.get("prompt")?.[0] === "none";
  return client.selfRegistered === undefined || isSilent ? "redirect" : "button";
}

/** The answer on the consent page. It leads back to the request, which goes on from there. */
async function decide(visit: Visit): Promise<Response> {
  const { c, deps } = visit;
  requireOwnPage(c, visit);
  const requested = await readRequested(visit);
  const { all, parameters } = requested;
  const replyTo = await replyToOf(visit, requested.asked);
  const form = await readForm(c);
  const { visitor } = await findVisitor(visit);
  const back = (more: Record<string, string> = {}): Response => c.redirect(authorizeUrl(visit, withoutAnswer(all), more), 303);
  if (visitor === null || !deps.browserTokens.isForm(form.get("form_token") ?? "", consentHolder(visitor, parameters))) {
    return back();
  }
  const { session, user } = visitor;
  if (form.get("decision") !== "allow") return back(markAnswer(visit, parameters, "deny", session.id));
  const scopes = scopesOf(visit, requested, replyTo);
  // What is wrong with it by now, the client is told there, after a form as after any other.
  if (scopes === null) return back(markAnswer(visit, parameters, "allow", session.id));
  const now = deps.sessions.clock();
  const detail = { clientId: replyTo.client.id, scope: scopes.join(" ") };
  const audit = auditEvent("consent_given", now, deviceOf(c), { userId: user.id, sessionId: session.id }, detail);
  await deps.oauth.store.consents.allow(user.id, replyTo.client.id, scopes, now, audit);
  return back(markAnswer(visit, parameters, "allow", session.id));
}

/** Null if the request is not in order, or no longer: what a client may ask for can change while its user reads. */
function scopesOf(visit: Visit, requested: Requested, replyTo: ReplyTo): readonly string[] | null {
  try {
    return checkedAsRequested(visit, requested, replyTo).scopes;
  } catch (error) {
    if (refusalOf(error) === null) throw error;
    return null;
  }
}

/** Of a pushed request the address says nothing of the language that its client wishes. */
function inLanguageOf(visit: Visit, { parameters, asked }: Requested): Visit {
  const [locales] = asked.get("ui_locales") ?? [];
  return locales === undefined || parameters.has("ui_locales")
    ? visit
    : visitOf(visit.c, visit.deps, visit.assets, { ...visit.c.req.query(), ui_locales: locales });
}

function replyToOf(visit: Visit, parameters: Parameters): Promise<ReplyTo> {
  if (!visit.deps.oauth.idTokens.supported) {
    throw new OstiaryError("invalid_request", "Apps cannot sign users in here: tokens of this server are signed with a secret.");
  }
  return readReplyTo(parameters, (id) => findClient(visit, id));
}

/** What is wrong with a document, whoever has written it is to learn. */
async function findClient({ c, deps }: Visit, id: string): Promise<Client | null> {
  const { documents } = deps.selfRegistration;
  const client = await deps.clients.known.find(id, deviceOf(c).ip);
  if (client === null && documents?.isId(id) === true) throw new OstiaryError("invalid_request", documents.problemOf(id));
  return client;
}

function signOnOf({ user, session }: Visitor): AuthorizationState["signOn"] {
  const { createdAt, authTime, methods } = session;
  return {
    userId: user.id,
    since: createdAt,
    acr: acrOf(methods),
    authTime: methods.includes("fed") && authTime === 0 ? null : authTime,
  };
}

/**
 * Whoever is signed in is asked to sign in again; the marker tells afterwards that they were. So is whoever is not, where
 * another issuer might not ask them, or tell when it did, or where a second factor is wished for.
 */
function signInUrl(
  visit: Visit,
  request: AuthorizationRequest,
  { parameters, asked }: Requested,
  visitor: Visitor | null,
  prompt = promptOf(request, visitor),
): string {
  const short = (name: string): string | undefined =>
    (parameters.get(name) ?? asked.get(name))?.find((value) => value.length <= LONGEST_WISH);
  const [hint, locales] = [short("login_hint"), short("ui_locales")];
  const query = new URLSearchParams({
    return_to: authorizeUrl(visit, parameters, markAsked(visit, parameters)),
    ...(prompt === null ? {} : { prompt }),
    ...(request.wishedAcr === MFA_ACR ? { need: "mfa" } : {}),
    ...(hint === undefined || prompt === "select_account" ? {} : { login_hint: hint }),
    ...(locales === undefined ? {} : { ui_locales: locales }),
  });
  return `${visit.deps.settings.issuer}/sign-in?${query.toString()}`;
}

function promptOf(request: AuthorizationRequest, visitor: Visitor | null): "login" | "select_account" | null {
  if (request.prompts.has("select_account")) return "select_account";
  const mustAsk =
    visitor !== null || request.maxAgeSeconds !== null || request.prompts.has("login") || request.wishedAcr === MFA_ACR;
  return mustAsk ? "login" : null;
}

/** What the client is to be told; null for what is no affair of its own. */
function refusalOf(error: unknown): { code: AuthorizationErrorCode; description: string } | null {
  if (error instanceof AuthorizationRefused) return { code: error.code, description: error.message };
  if (!(error instanceof OstiaryError)) return null;
  const { code, message } = error;
  return code === "invalid_scope" || code === "invalid_target" ? { code, description: message } : null;
}

function codeDeps({ deps }: Visit): CodeDeps {
  const { clock, random } = deps.sessions;
  return { store: deps.oauth.store, clock, random };
}
