import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "csv-parse";
import { z } from "zod";
import { OstiaryError, StartError } from "../errors.ts";
import type { ImportedUser } from "../users/import-users.ts";

export interface UserRow {
  readonly line: number;
  /** How far into the file it is, in bytes. */
  readonly bytes: number;
  readonly user: ImportedUser | { readonly unreadable: string };
}

const flag = z.union([z.boolean(), z.stringbool()]);
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
  const failed = new Promise<never>((_, reject) => {
    file.once("error", (cause) => reject(new StartError(`${path} cannot be read (${cause.message}).`, { cause })));
  });
  failed.catch(() => {});
  const rows: AsyncGenerator<Read, void> = extname(path).toLowerCase() === ".csv" ? csvRows(file) : jsonRows(file);
  for (;;) {
    const next = await Promise.race([rows.next(), failed]);
    if (next.done === true) return;
    yield { ...next.value, bytes: file.bytesRead };
  }
}

type Read = Omit<UserRow, "bytes">;

async function* csvRows(file: NodeJS.ReadableStream): AsyncGenerator<Read, void> {
  const parser = file.pipe(parse({ columns: true, bom: true, trim: true, skip_empty_lines: true, info: true, relax_column_count: true, cast: plainText }));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: unknown; info: { lines: number } }>) {
      yield { line: info.lines, user: checked(record) };
    }
  } catch (error) {
    throw new OstiaryError("invalid_request", `The file is no CSV: ${error instanceof Error ? error.message : String(error)}.`);
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
