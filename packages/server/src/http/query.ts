import { z } from "zod";
import { OstiaryError } from "../errors.ts";
import type { HttpContext } from "./http-context.ts";

/** A list's page: how much of it, and from where. */
export const pageQuery = {
  after: z.string().max(1000, "is no cursor of this list").meta({ description: "`next` of the page before." }).optional(),
  limit: z.coerce
    .number("must be a whole number from 1 to 200")
    .int("must be a whole number from 1 to 200")
    .min(1, "must be a whole number from 1 to 200")
    .max(200, "must be a whole number from 1 to 200")
    .default(50),
};

/** The parameters of the address. Throws `invalid_request` and the first that is wrong, or comes twice, or is unknown. */
export function readQuery<Schema extends z.ZodType>(c: HttpContext, schema: Schema): z.output<Schema> {
  const given = c.req.queries();
  const twice = Object.entries(given).find(([, values]) => values.length > 1);
  if (twice !== undefined) throw invalid(twice[0], "comes twice");
  // No database keeps it as text, and Postgres fails where another finds nothing.
  const nul = Object.entries(given).find(([, [value = ""]]) => value.includes("\0"));
  if (nul !== undefined) throw invalid(nul[0], "must not contain NUL");
  const result = schema.safeParse(Object.fromEntries(Object.entries(given).map(([name, [value]]) => [name, value])));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === "unrecognized_keys") throw invalid(issue.keys[0] ?? "", "is no parameter here");
  throw invalid(issue?.path.join(".") ?? "", issue?.message ?? "is invalid");
}

/** A page of what is all there already. Where `after` is gone, there is no next page to it. */
export function pageOf<Item>(
  all: readonly Item[],
  idOf: (item: Item) => string,
  { after, limit }: { after?: string | undefined; limit: number },
): { items: readonly Item[]; next: string | null } {
  const start = after === undefined ? 0 : all.findIndex((item) => idOf(item) === after) + 1;
  if (after !== undefined && start === 0) return { items: [], next: null };
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  return { items, next: last !== undefined && all.length > start + limit ? idOf(last) : null };
}

function invalid(field: string, what: string): OstiaryError {
  return new OstiaryError("invalid_request", `${field} ${what}.`, { reason: "invalid_field", field });
}
