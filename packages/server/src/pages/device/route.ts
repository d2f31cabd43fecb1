/**
 * Where people let a device in that has no browser (RFC 8628 §3.3): they type the code that it shows, see who asks for what
 * and from where, and decide. A link can bring the code along, and nothing more: whoever made the link may be another than
 * whoever follows it (RFC 8628 §5.4).
 */
import { deviceOf } from "../../http/device.ts";
import { readForm } from "../../http/form.ts";
import type { Form } from "../../http/form.ts";
import { allowDevice, denyDevice } from "../../oauth/decide-device.ts";
import { findDevice } from "../../oauth/find-device.ts";
import type { FoundDevice } from "../../oauth/find-device.ts";
import { failureOf } from "../failure.ts";
import { FormExpired, requireFormOf, requireOwnPage } from "../own-form.ts";
import type { PageRoute } from "../page-route.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import { askPage, decidedPage, decisionHolder, DEVICE_PATH, enterPage, signInUrl } from "./page.ts";

export const deviceRoutes: readonly PageRoute[] = [
  { method: "get", path: DEVICE_PATH, handle: show },
  { method: "post", path: DEVICE_PATH, handle: submit },
];

/** Longer than any code, however it is written. */
const LONGEST_CODE = 32;

/** Nothing is looked up yet: else a page of another site could have codes tried. */
async function show(visit: Visit): Promise<Response> {
  const typed = codeIn(visit.c.req.query("user_code"));
  const { visitor } = await findVisitor(visit);
  return visitor === null ? visit.c.redirect(signInUrl(visit, typed), 303) : enterPage(visit, visitor, typed, null);
}

async function submit(visit: Visit): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  const typed = codeIn(form.get("user_code"));
  const { visitor } = await findVisitor(visit);
  if (visitor === null) return c.redirect(signInUrl(visit, typed), 303);
  try {
    return await decide(visit, visitor, form, typed);
  } catch (error) {
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
    return enterPage(visit, visitor, typed, failure);
  }
}

async function decide(visit: Visit, visitor: Visitor, form: Form, typed: string): Promise<Response> {
  const { c, deps, texts } = visit;
  const wrong = (): Response =>
    enterPage(visit, visitor, typed, { status: 400, text: null, fields: { user_code: texts.deviceCodeWrong } });
  const decision = form.get("decision");
  if (decision === undefined) requireFormOf(form, holderOf(visitor), visit);
  const found = await find(visit, visitor, typed);
  if (found === null) return wrong();
  if (decision === undefined) return askPage(visit, visitor, found, null);
  // Only who has seen this request, in this session, decides on it.
  if (!deps.browserTokens.isForm(form.get("form_token") ?? "", decisionHolder(visitor, found.request))) {
    return askPage(visit, visitor, found, failureOf(new FormExpired(), visit, {}));
  }
  const { request, client } = found;
  const { clock, random } = deps.sessions;
  const decisionDeps = { store: deps.oauth.store, clock, random };
  const isAllowed = decision === "allow";
  if (isAllowed) await deps.selfRegistration.documents?.keep(client);
  const isFirst = isAllowed
    ? await allowDevice(decisionDeps, request, client, visitor.session, deviceOf(c))
    : await denyDevice(decisionDeps, request, visitor.session, deviceOf(c));
  return isFirst ? decidedPage(visit, isAllowed) : wrong();
}

function find({ c, deps }: Visit, { session }: Visitor, typed: string): Promise<FoundDevice | null> {
  const { users, oauth, clients, sessions } = deps;
  const { limits, audit } = users;
  return findDevice(
    { store: oauth.store, known: clients.known, limits, audit, clock: sessions.clock },
    typed,
    session,
    deviceOf(c),
  );
}

function codeIn(text = ""): string {
  return text.slice(0, LONGEST_CODE);
}
