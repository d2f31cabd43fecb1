/** Forms as OAuth's endpoints take them (RFC 6749 Appendix B), read more strictly than browsers' forms. JSON is `body`'s. */
import { OstiaryError } from "../errors.ts";
import { readBytes } from "./body.ts";
import type { HttpContext } from "./http-context.ts";

const NO_FORM = "The form is not encoded as one.";

/** The parameters of a form, by name. */
export type Form = ReadonlyMap<string, string>;

/**
 * The request's form (`application/x-www-form-urlencoded`).
 * Throws `unsupported_media_type`, `body_too_large`, or `invalid_request` for what is not encoded as a form, or has a
 * parameter more than once (RFC 6749 §3.2).
 */
export async function readForm(c: HttpContext): Promise<Form> {
  return parseForm(await readText(c));
}

/** The same where `resource` may come several times (RFC 8707 §2). */
export async function readFormWithResources(c: HttpContext): Promise<{ form: Form; resources: readonly string[] }> {
  const pairs = (await readText(c)).split("&");
  const isResource = (pair: string): boolean => percentDecoded(pair.split("=", 1)[0] ?? "") === "resource";
  return {
    form: parseForm(pairs.filter((pair) => !isResource(pair)).join("&")),
    resources: pairs.filter(isResource).flatMap((pair) => [...parseForm(pair).values()]),
  };
}

async function readText(c: HttpContext): Promise<string> {
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    const mend = "Send a form, with the header Content-Type: application/x-www-form-urlencoded.";
    throw new OstiaryError("unsupported_media_type", mend);
  }
  const { buffer, byteOffset, length } = await readBytes(c);
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}

/** The parameter, which must be there. Throws `invalid_request` that names it. */
export function requiredParameter(form: Form, name: string): string {
  const value = form.get(name);
  if (value !== undefined && value !== "") return value;
  throw new OstiaryError("invalid_request", `${name} is required.`, { reason: "invalid_field", field: name });
}

/** Null for what is not percent-encoded UTF-8. A plus sign is a space. */
export function percentDecoded(text: string): string | null {
  // Most of what comes is a token, and has nothing to decode.
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

/** A form's text, or a query's, which is encoded alike. Throws `invalid_request`. */
export function parseForm(text: string): Form {
  // As it stands, a form is ASCII: anything else is escaped.
  if (/[^\x20-\x7e]/.test(text)) throw refused(NO_FORM);
  const form = new Map<string, string>();
  const seen = new Set<string>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = percentDecoded(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? "" : percentDecoded(pair.slice(equals + 1));
    if (name === null || value === null) throw refused(NO_FORM);
    if (seen.has(name)) throw refused("The form has a parameter more than once.");
    seen.add(name);
    // A parameter without a value counts as left out (RFC 6749 §3.2).
    if (value !== "") form.set(name, value);
  }
  return form;
}

function refused(message: string): OstiaryError {
  return new OstiaryError("invalid_request", message);
}
