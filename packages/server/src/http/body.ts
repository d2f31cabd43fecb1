import { z } from "zod";
import { OstiaryError } from "../errors.ts";
import type { HttpContext } from "./http-context.ts";

/** In bytes. Nothing this API takes comes near. */
const MAX_BODY_BYTES = 64 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The request's JSON body. Throws `unsupported_media_type`, `body_too_large`, or `invalid_request` with the reason
 * `malformed_json`, or `invalid_field` and the first field that is wrong.
 */
export async function readBody<Schema extends z.ZodType>(c: HttpContext, schema: Schema): Promise<z.output<Schema>> {
  requireJson(c);
  return parse(decode(await readBytes(c)), schema);
}

/** The same, where there need not be a body: none is `{}`. */
export async function readOptionalBody<Schema extends z.ZodType>(
  c: HttpContext,
  schema: Schema,
): Promise<z.output<Schema>> {
  return parseOptionalBody(c, await readBytes(c), schema);
}

/** The same of bytes that have been read. */
export function parseOptionalBody<Schema extends z.ZodType>(c: HttpContext, bytes: Uint8Array, schema: Schema): z.output<Schema> {
  if (bytes.length === 0) return schema.parse({});
  requireJson(c);
  return parse(decode(bytes), schema);
}

/** The request's body as it came. Throws `body_too_large`, or `invalid_request` if it broke off. */
export async function readBytes(c: HttpContext): Promise<Uint8Array> {
  const length = c.req.header("content-length");
  if (Number(length ?? 0) > MAX_BODY_BYTES) throw bodyTooLarge();
  if (length === undefined || !/^\d+$/.test(length)) return readStream(c);
  // HTTP delivers no more than was announced, so it can be taken at once: streams cost more than all else here.
  const bytes = await readAtOnce(c);
  if (bytes.length > MAX_BODY_BYTES) throw bodyTooLarge();
  return bytes;
}

async function readAtOnce(c: HttpContext): Promise<Uint8Array> {
  try {
    return new Uint8Array(await c.req.arrayBuffer());
  } catch {
    throw brokenOff();
  }
}

/** Stops reading where it is too much. */
async function readStream(c: HttpContext): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = c.req.raw.body;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    throw brokenOff();
  }
  if (size > MAX_BODY_BYTES) throw bodyTooLarge();
  return Buffer.concat(chunks);
}

function requireJson(c: HttpContext): void {
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new OstiaryError("unsupported_media_type", "Send JSON, with the header Content-Type: application/json.");
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed("The body is not valid UTF-8.");
  }
}

function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  if (field === "") throw malformed("The body must be a JSON object.");
  throw new OstiaryError("invalid_request", `${field} ${issue?.message ?? "is invalid"}.`, { reason: "invalid_field", field });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed("The body is not valid JSON.");
  }
}

function malformed(message: string): OstiaryError {
  return new OstiaryError("invalid_request", message, { reason: "malformed_json" });
}

/** Its sender went away; there is nobody left to blame. */
function brokenOff(): OstiaryError {
  return malformed("The body broke off.");
}

function bodyTooLarge(): OstiaryError {
  return new OstiaryError("body_too_large", `The body is larger than ${MAX_BODY_BYTES} bytes.`);
}
