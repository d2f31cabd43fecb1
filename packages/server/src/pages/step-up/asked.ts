import { OstiaryError } from "../../errors.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import { allowedReturn } from "../return-to.ts";
import { originOf } from "../visit.ts";
import type { Visit } from "../visit.ts";

export const STEP_UP = "/step-up";

/** What an app wants to be true of a sign-in (RFC 9470 §4), and where it waits. */
export interface StepUp {
  /** Null: as old as it may be. */
  readonly maxAgeSeconds: number | null;
  /** Words of RFC 8176, any of which is enough; empty: however they signed in. */
  readonly methods: readonly string[];
  readonly returnTo: string;
}

/** The words that a sign-in here can ever be described by. */
const METHODS: readonly string[] = ["mfa", "otp", "pop", "pwd", "user"];
const MARK = "ostiary_asked";
const PARAMETERS: readonly string[] = ["max_age", "methods", "return_to", "ui_locales", MARK];

/** Throws `invalid_request`: an app that asks for what nobody can do must hear of it, not its user. */
export function readStepUp({ c, returnTo }: Visit): StepUp {
  const twice = PARAMETERS.find((name) => (c.req.queries(name) ?? []).length > 1);
  if (twice !== undefined) throw wrong(twice, `${twice} comes twice.`);
  const { max_age: maxAge, methods = "" } = c.req.query();
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw wrong("max_age", "max_age must be a number of seconds.");
  const words = methods.split(/[\s,]+/).filter((word) => word !== "");
  const unknown = words.find((word) => !METHODS.includes(word));
  if (unknown !== undefined) throw wrong("methods", `methods must be some of ${METHODS.join(", ")}.`);
  if (maxAge === undefined && words.length === 0) throw wrong("max_age", "Give max_age, methods, or both.");
  if (returnTo === null) throw wrong("return_to", "return_to must be an address at this server or at an allowed origin.");
  return { maxAgeSeconds: maxAge === undefined ? null : Number(maxAge), methods: words, returnTo };
}

/** The same address, marked: whoever comes to it has been sent to sign in, by this browser, just now. */
export function markedUrl(visit: Visit, stepUp: StepUp): string {
  const at = visit.deps.sessions.clock();
  return urlOf(visit, stepUp, { [MARK]: `${at}.${visit.deps.browserTokens.form(holderOf(visit, stepUp, at))}` });
}

/** When this browser was sent to sign in for just this; null if it was not. */
export function readMark(visit: Visit, stepUp: StepUp): number | null {
  const [, at, token] = /^(\d{1,15})\.(.+)$/.exec(visit.c.req.query(MARK) ?? "") ?? [];
  if (at === undefined || token === undefined) return null;
  return visit.deps.browserTokens.isForm(token, holderOf(visit, stepUp, Number(at))) ? Number(at) : null;
}

/** Where an app waits that has sent somebody to step up, if they may be sent there; null for any other address. */
export function waitingBehind({ deps: { settings } }: Visit, address: string): string | null {
  const url = new URL(address);
  if (!url.href.startsWith(`${settings.issuer}${STEP_UP}?`)) return null;
  // Anybody can have written it, also where nobody has come by the page of that address, which would have refused it.
  return allowedReturn(url.searchParams.get("return_to") ?? undefined, settings.allowedOrigins, originOf(settings.issuer));
}

function urlOf({ c, deps, locale }: Visit, { maxAgeSeconds, methods, returnTo }: StepUp, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    ...(maxAgeSeconds === null ? {} : { max_age: String(maxAgeSeconds) }),
    ...(methods.length === 0 ? {} : { methods: methods.join(" ") }),
    return_to: returnTo,
    ...(c.req.query("ui_locales") === undefined ? {} : { ui_locales: locale }),
    ...more,
  });
  return `${deps.settings.issuer}${STEP_UP}?${query.toString()}`;
}

function holderOf(visit: Visit, { maxAgeSeconds, methods, returnTo }: StepUp, at: number): string {
  return `step-up:${at}:${visit.formHolder()}:${hashOf(JSON.stringify([maxAgeSeconds, methods, returnTo]))}`;
}

function wrong(field: string, message: string): OstiaryError {
  return new OstiaryError("invalid_request", message, { reason: "invalid_field", field });
}
