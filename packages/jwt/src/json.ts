/**
 * JSON as headers and payloads may have it, stricter than JSON.parse, in both directions.
 *
 * Reading: one object, valid UTF-8, no byte order mark, no member name twice in one object, limited nesting;
 * the result is frozen all the way down. Writing: plain data only, each value read exactly once.
 * What the members mean is not decided here.
 */
import { malformed } from "./errors.ts";

export type JsonObject = { readonly [name: string]: unknown };

/** Arrays and objects inside each other. No claim in use comes near. */
const MAX_DEPTH = 32;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parses the JSON object in `bytes`; throws a JwtError `token_malformed` that names `part`. */
export function parseJsonObject(bytes: Buffer, part: "header" | "payload"): JsonObject {
  const text = decodeUtf8(bytes, part);
  const members = countMembers(text);
  if (members === undefined) throw malformed(`The ${part} is nested too deeply.`);
  const hasEscapes = text.includes("\\");
  let value: unknown;
  try {
    value = JSON.parse(hasEscapes ? unescapeNeedless(text) : text);
  } catch {
    throw malformed(`The ${part} is not JSON.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(`The ${part} is not a JSON object.`);
  }
  if (freeze(value) !== members) throw malformed(`The ${part} has a member name twice.`);
  if (hasEscapes && hasBackslashName(value)) throw malformed(`The ${part} has a member name with a backslash.`);
  return value as JsonObject;
}

/**
 * The same JSON with only those escapes that strings need.
 *
 * V8 up to 14.6 at least can take an escaped member name for another name with a backslash in it, if it has met that
 * one before in an object of the same shape, in anybody's JSON (nodejs/node#63785). An attacker's request could so make
 * a claim disappear whose name is written with escapes, such as `https:\/\/api.example\/roles`. Here most names lose
 * theirs first; a name that cannot is either read rightly or ends up with a backslash, and those are refused.
 */
function unescapeNeedless(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
    string.includes("\\") ? JSON.stringify(JSON.parse(string) as string) : string,
  );
}

function hasBackslashName(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const isNamed = !Array.isArray(value);
  return Object.entries(value).some(([name, item]) => (isNamed && name.includes("\\")) || hasBackslashName(item));
}

function decodeUtf8(bytes: Buffer, part: string): string {
  const text = bytes.toString("utf8");
  // The lossy decoder is several times faster, and leaves this mark wherever it had to guess.
  if (!text.includes("\ufffd")) return text;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw malformed(`The ${part} is not UTF-8.`);
  }
}

/**
 * The number of members written in a JSON text, or undefined if it is nested too deeply. JSON.parse keeps the last of
 * two members with one name, however the names were escaped: then the object has fewer members than its text.
 */
function countMembers(text: string): number | undefined {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH) return undefined;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return members;
}

/** The index of the quotation mark that closes the string opened at `start`; the text's end if none does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i;
    if (code === 0x5c) i++; // a backslash: whatever follows does not end the string
  }
  return text.length;
}

/** Freezes a parsed value all the way down and returns how many members its objects have. */
function freeze(value: object): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      if (typeof item === "object" && item !== null) members += freeze(item);
    }
  } else {
    for (const name of Object.keys(value)) {
      members++;
      const item = (value as JsonObject)[name];
      if (typeof item === "object" && item !== null) members += freeze(item);
    }
  }
  Object.freeze(value);
  return members;
}

/**
 * A copy of `value` that JSON.stringify writes as it is. Members that are undefined are left out, as JSON does;
 * anything else that JSON would drop, change or call (NaN, BigInt, functions, Date, toJSON) is a TypeError.
 */
export function copyObject(value: object, path: string, depth = 0): Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`${path} is not a plain object.`);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (name === "__proto__") throw new TypeError(`${path} has a member named __proto__.`);
    if (name.includes("\\")) throw new TypeError(`${path} has a member name with a backslash.`);
    const item = (value as JsonObject)[name];
    if (item !== undefined) copy[name] = copyJson(item, `${path}.${name}`, depth + 1);
  }
  return copy;
}

function copyJson(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${path} is not a finite number.`);
      return value;
    case "object":
      if (value === null) return null;
      if (depth >= MAX_DEPTH) throw new TypeError(`${path} is nested too deeply.`);
      return Array.isArray(value) ? copyArray(value, path, depth) : copyObject(value, path, depth);
    default:
      throw new TypeError(`${path} is a ${typeof value}, which JSON has no word for.`);
  }
}

function copyArray(value: readonly unknown[], path: string, depth: number): unknown[] {
  const copy: unknown[] = [];
  for (let i = 0; i < value.length; i++) copy.push(copyJson(value[i], `${path}[${i}]`, depth + 1));
  return copy;
}
