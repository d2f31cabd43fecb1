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

/** Where a list that is ordered by time goes on. */
export interface Place {
  /** In milliseconds. */
  readonly createdAt: number;
  readonly id: string;
}

/**
 * A page of what is all there already, newest first. It goes on below the last of the page before, whether that is still
 * there or not. Throws `invalid_request` for an `after` that no page had.
 */
export function pageOf<Item extends Place>(
  all: readonly Item[],
  { after, limit }: { after?: string | undefined; limit: number },
): { items: readonly Item[]; next: string | null } {
  const end = after === undefined ? null : placeOf(after);
  const left = all.toSorted(byAge).filter((item) => end === null || byAge(item, end) > 0);
  const items = left.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last !== undefined && left.length > limit ? `${last.createdAt}.${last.id}` : null };
}

/** Newest first; of the same moment in the order of their ids, backwards. */
function byAge(a: Place, b: Place): number {
  return b.createdAt - a.createdAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
}

function placeOf(after: string): Place {
  const [, createdAt, id] = /^(\d{1,15})\.(.+)$/.exec(after) ?? [];
  if (createdAt === undefined || id === undefined) throw invalid("after", "is no cursor of this list");
  return { createdAt: Number(createdAt), id };
}

function invalid(field: string, what: string): OstiaryError {
  return new OstiaryError("invalid_request", `${field} ${what}.`, { reason: "invalid_field", field });
}
