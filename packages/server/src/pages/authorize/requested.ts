import { OstiaryError } from "../../errors.ts";
import { parseParameters } from "../../http/parameters.ts";
import type { Parameters } from "../../http/parameters.ts";
import { AuthorizationRefused, checkedRequest, requireFittingLength } from "../../oauth/authorization-request.ts";
import type { AuthorizationRequest, ReplyTo } from "../../oauth/authorization-request.ts";
import { isPushedName, openRequest } from "../../oauth/pushed-request.ts";
import type { Visit } from "../visit.ts";
import { authorizeUrl, withoutMarks } from "./authorize-query.ts";

/** A request as the browser brings it, and as the client means it: the same, unless it was pushed before (RFC 9126 §4). */
export interface Requested {
  /** What our own addresses carry, with our marks. */
  readonly all: Parameters;
  /** The same without them: it tells this request from others. */
  readonly parameters: Parameters;
  /** What the client asks for. */
  readonly asked: Parameters;
  /** The hash of the pushed request, which is good for one answer; null if it came with the browser. */
  readonly pushed: string | null;
}

/** Of a pushed request nothing else in the address counts; the language of our pages is no part of it. */
const CARRIED: readonly string[] = ["client_id", "request_uri", "ui_locales"];

/** Throws `invalid_request` for what cannot be answered to any client. */
export async function readRequested(visit: Visit): Promise<Requested> {
  const all = parseParameters(visit.c.req.url.split("#", 1)[0]?.split("?").slice(1).join("?") ?? "");
  const parameters = withoutMarks(all);
  const [name, ...more] = parameters.get("request_uri") ?? [];
  if (name === undefined || more.length > 0 || !isPushedName(name)) {
    // Too long is what would be so on its way through sign-in: nobody is to type a password for nothing.
    requireFittingLength(authorizeUrl(visit, parameters));
    return { all, parameters, asked: parameters, pushed: null };
  }
  const [clientId, ...others] = parameters.get("client_id") ?? [];
  if (clientId === undefined || others.length > 0) {
    throw new OstiaryError("invalid_request", "client_id must come with request_uri, once.");
  }
  const { sessions, oauth } = visit.deps;
  const request = await openRequest({ store: oauth.store, clock: sessions.clock }, name, clientId);
  if (request === null) throw overRequest();
  const carried = new Map([...all].filter(([key]) => CARRIED.includes(key) || !parameters.has(key)));
  return { all: carried, parameters: withoutMarks(carried), asked: parseParameters(request.parameters), pushed: request.hash };
}

/** Throws AuthorizationRefused, and `invalid_scope` or `invalid_target`. */
export function checkedAsRequested(
  { deps: { settings } }: Visit,
  { asked, pushed }: Requested,
  replyTo: ReplyTo,
): AuthorizationRequest {
  const mustPush = settings.pushedRequests === "required" || replyTo.client.registration.requirePushedAuthorizationRequests;
  if (mustPush && pushed === null) {
    throw new AuthorizationRefused("invalid_request", "The request must be pushed to /oauth/par first.");
  }
  return checkedRequest(asked, replyTo, settings);
}

/** A pushed request is answered once (RFC 9126 §7.3). Throws `invalid_request` for who comes second. */
export async function useUp({ deps }: Visit, { pushed }: Requested): Promise<void> {
  if (pushed !== null && !(await deps.oauth.store.pushed.use(pushed, deps.sessions.clock()))) throw overRequest();
}

function overRequest(): OstiaryError {
  return new OstiaryError(
    "invalid_request",
    "request_uri names no request of this client, or one that is over or was used up: start again from the app.",
  );
}
