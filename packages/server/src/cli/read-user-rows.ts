import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { OstiaryError, StartError } from "../errors.ts";
import type { ImportedUser } from "../users/import-users.ts";

export interface UserRow {
  readonly line: number;
  /** How far into the file it is, in bytes. */
  readonly bytes: number;
  readonly user: ImportedUser | { readonly unreadable: string };
}

/** PostgreSQL writes `t` and `f`. */
const flag = z.union([z.boolean(), z.stringbool({ truthy: ["true", "1", "yes", "t"], falsy: ["false", "0", "no", "f"] })]);
const absent = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());

const row = z.object({
  email: z.string(),
  passwordHash: z.string(),
  id: absent(z.string()),
  name: absent(z.string()),
  roles: absent(z.union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,|]+/).filter(Boolean))])),
  emailVerified: absent(flag),
  disabled: absent(flag),
  createdAt: absent(z.string()),
});

/** The rows of a `.csv` file with a head line, or of a `.jsonl` file; columns that mean nothing to us are passed over. */
export async function* readUserRows(path: string): AsyncGenerator<UserRow, void> {
  const file = createReadStream(path);
  const rows: AsyncGenerator<Read, void> = extname(path).toLowerCase() === ".csv" ? csvRows(file) : jsonRows(file);
  try {
    for await (const read of rows) yield { ...read, bytes: file.bytesRead };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof CsvError) throw new OstiaryError("invalid_request", `The file is no CSV: ${why}.`);
    throw new StartError(`${path} cannot be read (${why}).`, { cause });
  }
}

type Read = Omit<UserRow, "bytes">;

async function* csvRows(file: NodeJS.ReadableStream): AsyncGenerator<Read, void> {
  // Relaxed, so that a row with a cell too many is refused, and not the whole file.
  const parser = parse({ columns: true, bom: true, trim: true, skip_empty_lines: true, info: true, relax_column_count: true, cast: plainText });
  pipeline(file, parser, () => {}); // Whatever fails is thrown by the parser, too.
  for await (const { record, info } of parser as AsyncIterable<{ record: unknown; info: { lines: number; error?: CsvError } }>) {
    const isShifted = info.error !== undefined;
    yield { line: info.lines, user: isShifted ? { unreadable: "another number of columns than the head line" } : checked(record) };
  }
}

/** What the export has marked as text for spreadsheets. */
function plainText(cell: string): string {
  return cell.replace(/^'(?=[=+\-@])/, "");
}

async function* jsonRows(file: NodeJS.ReadableStream): AsyncGenerator<Read, void> {
  let line = 0;
  for await (const text of createInterface({ input: file, crlfDelay: Infinity })) {
    line++;
    if (text.trim() === "") continue;
    yield { line, user: checkedJson(text) };
  }
}

function checkedJson(text: string): UserRow["user"] {
  try {
    return checked(JSON.parse(text));
  } catch {
    return { unreadable: "no JSON" };
  }
}

function checked(record: unknown): UserRow["user"] {
  const result = row.safeParse(record);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join(".") ?? "";
  const given = Object(record) as Record<string, unknown>;
  return { unreadable: field === "" ? "no object" : field in given ? `${field} has the wrong type` : `${field} is missing` };
}
