import type { Parameters } from "../../http/parameters.ts";
import { hashOf } from "../../sessions/hash-of.ts";
import type { Visit } from "../visit.ts";

/**
 * What we add to a client's request while its user is led through our pages: when they were sent to sign in, and what they
 * answered when asked. Each is signed for this request, so that no link can say it in our place.
 */
const MARKS = { asked: "ostiary_asked", answer: "ostiary_answer" } as const;

export type Answer = "allow" | "deny";

const OURS: readonly string[] = Object.values(MARKS);
/** Longer than anybody waits for the next page. */
const ANSWER_MS = 5 * 60_000;

/** The client's request as one of our own addresses, with what is to be changed or added. */
export function authorizeUrl(
  visit: Visit,
  parameters: Parameters,
  more: Readonly<Record<string, string>> = {},
  path = "",
): string {
  return `${visit.deps.settings.issuer}/oauth/authorize${path}?${queryOf(parameters, more)}`;
}

function queryOf(parameters: Parameters, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams();
  for (const [name, values] of parameters) if (!Object.hasOwn(more, name)) for (const value of values) query.append(name, value);
  for (const [name, value] of Object.entries(more)) query.append(name, value);
  return query.toString();
}

/** What the client sent, without anything of ours. */
export function withoutMarks(parameters: Parameters): Parameters {
  return new Map([...parameters].filter(([name]) => !OURS.includes(name)));
}

/** The request as it goes on while its user decides: that they have signed in for it still counts. */
export function withoutAnswer(parameters: Parameters): Parameters {
  return new Map([...parameters].filter(([name]) => name !== MARKS.answer));
}

/** The request, whatever the language its pages are read in. */
export function fingerprintOf(parameters: Parameters): string {
  return hashOf(queryOf(new Map([...withoutMarks(parameters)].filter(([name]) => name !== "ui_locales"))));
}

export function markAsked(visit: Visit, parameters: Parameters): Record<string, string> {
  const at = visit.deps.sessions.clock();
  return { [MARKS.asked]: `${at}.${visit.deps.browserTokens.form(askedHolder(visit, parameters, at))}` };
}

/** When this request sent somebody to sign in with this browser; null if it did not. */
export function readAsked(visit: Visit, parameters: Parameters): number | null {
  const [, at, token] = /^(\d{1,15})\.(.+)$/.exec(parameters.get(MARKS.asked)?.[0] ?? "") ?? [];
  if (at === undefined || token === undefined) return null;
  return visit.deps.browserTokens.isForm(token, askedHolder(visit, parameters, Number(at))) ? Number(at) : null;
}

export function markAnswer({ deps }: Visit, parameters: Parameters, answer: Answer, sessionId: string): Record<string, string> {
  const at = deps.sessions.clock();
  return { [MARKS.answer]: `${answer}.${at}.${deps.browserTokens.form(answerHolder(parameters, answer, at, sessionId))}` };
}

/** What was answered to this request in this session, just now. */
export function readAnswer({ deps }: Visit, parameters: Parameters, sessionId: string): Answer | null {
  const [, word, at = "", token = ""] = /^(allow|deny)\.(\d{1,15})\.(.+)$/.exec(parameters.get(MARKS.answer)?.[0] ?? "") ?? [];
  if (word !== "allow" && word !== "deny") return null;
  const isOurs = deps.browserTokens.isForm(token, answerHolder(parameters, word, Number(at), sessionId));
  return isOurs && deps.sessions.clock() - Number(at) <= ANSWER_MS ? word : null;
}

function askedHolder(visit: Visit, parameters: Parameters, at: number): string {
  return `asked:${at}:${visit.formHolder()}:${fingerprintOf(parameters)}`;
}

function answerHolder(parameters: Parameters, answer: Answer, at: number, sessionId: string): string {
  return `${answer}:${at}:${sessionId}:${fingerprintOf(parameters)}`;
}
