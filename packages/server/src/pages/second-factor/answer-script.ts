import { failureOf } from "../failure.ts";
import { requireFormOf, requireOwnPage } from "../own-form.ts";
import { readForm } from "../../http/form.ts";
import type { Visit } from "../visit.ts";

/** What the script of a page is told: what to ask the browser for, what to say, or where to go. */
export interface ForScript {
  readonly options?: object;
  readonly passkeyToken?: string;
  readonly text?: string;
  readonly goTo?: string;
}

/** Answers the script of a form of this holder's. What goes wrong it is told in the person's language. */
export async function answerScript(visit: Visit, holder: string, tell: () => ForScript | Promise<ForScript>): Promise<Response> {
  const { c } = visit;
  requireOwnPage(c, visit);
  const form = await readForm(c);
  c.header("Cache-Control", "no-store");
  try {
    requireFormOf(form, holder, visit);
    return c.json(await tell());
  } catch (error) {
    const failure = failureOf(error, visit, {});
    if (failure === null) throw error;
    if (failure.retryAfterSeconds !== undefined) c.header("Retry-After", String(failure.retryAfterSeconds));
    return c.json({ text: failure.text ?? visit.texts.failed } satisfies ForScript, failure.status);
  }
}
