import { OstiaryError } from "../errors.ts";
import type { Form } from "../http/form.ts";
import type { HttpContext } from "../http/http-context.ts";
import { originOf } from "./visit.ts";
import type { Visit } from "./visit.ts";

/** The form is not one we gave to this browser, or it is too old: it is to be shown anew. */
export class FormExpired extends Error {
  override readonly name = "FormExpired";
}

/**
 * Lets through only what a page of ours sent. Other origins are refused though an app of theirs may use the API: people
 * sign in here by our own forms only. Throws `csrf_failed`.
 */
export function requireOwnPage(c: HttpContext, { deps }: Pick<Visit, "deps">): void {
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site") ?? "none";
  // Pages of ours that tell no referrer tell no origin either; where they stand browsers say all the same.
  const isUntold = origin === "null" && site === "same-origin";
  const isForeign = origin !== undefined && origin !== originOf(deps.settings.issuer);
  if ((isForeign && !isUntold) || (site !== "same-origin" && site !== "none")) {
    throw new OstiaryError("csrf_failed", "This form was not sent by a page of this server.");
  }
}

/** The form must be one that we made for this holder. Throws FormExpired. */
export function requireFormOf(form: Form, holder: string, { deps }: Pick<Visit, "deps">): void {
  if (!deps.browserTokens.isForm(form.get("form_token") ?? "", holder)) throw new FormExpired();
}
