import { OstiaryError } from "../errors.ts";
import type { HttpContext } from "./http-context.ts";

/** The id in the path. Throws `not_found` for what no database keeps as text: Postgres would fail, not find nothing. */
export function idOf(c: HttpContext): string {
  const id = c.req.param("id") ?? "";
  if (id.includes("\0")) throw new OstiaryError("not_found", "There is nothing by this id.");
  return id;
}
