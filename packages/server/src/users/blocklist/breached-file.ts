import { hash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { messageOf, StartError } from "../../errors.ts";

export interface BreachedFile {
  has(password: string): Promise<boolean>;
  close(): Promise<void>;
}

/** A list of plain passwords is kept in memory. */
const MAX_PLAIN_BYTES = 64 * 1024 * 1024;
/** Longer than any line: 40 digits, a count, a line break. */
const LINE_BYTES = 64;
const DIGITS = 40;
/** Lines that are looked at to see whether all are sorted. */
const SAMPLES = 200;

/** The file is not read but searched, if its lines are sorted SHA-1 hashes: it may have any size. */
export async function openBreachedFile(path: string): Promise<BreachedFile> {
  try {
    const file = await open(path);
    const { size } = await file.stat();
    const isHashes = /^[\dA-Fa-f]{40}(?:[:\r\n]|$)/.test(await readAt(file, 0, LINE_BYTES));
    if (isHashes && (await isSorted(file, size))) {
      return { has: (password) => search(file, size, hash("sha1", password, "hex").toUpperCase()), close: () => file.close() };
    }
    await file.close();
    if (isHashes) throw new Error("it is not sorted by hash");
    if (size > MAX_PLAIN_BYTES) throw new Error("larger than 64 MB: make it sorted SHA-1 hashes, which are searched on disk");
    const passwords = new Set((await readFile(path, "utf8")).split(/\r?\n/).filter(Boolean));
    return { has: async (password) => passwords.has(password), close: async () => {} };
  } catch (cause) {
    const why = messageOf(cause);
    throw new StartError(`The breached passwords in ${path} cannot be used (${why}): check OSTIARY_BREACHED_PASSWORDS.`, {
      cause,
    });
  }
}

/** In a list in any other order nothing would be found, and nobody would know. */
async function isSorted(file: FileHandle, size: number): Promise<boolean> {
  let before = "";
  for (let i = 0; i < SAMPLES; i++) {
    const { digits } = await lineAround(file, Math.floor((size * i) / SAMPLES));
    if (digits < before) return false;
    before = digits;
  }
  return true;
}

/** By halves: what is looked for, if it is there, begins at or after `from` and before `to`. */
async function search(file: FileHandle, size: number, wanted: string): Promise<boolean> {
  let [from, to] = [0, size];
  while (to - from > 0) {
    const middle = Math.floor((from + to) / 2);
    const { start, digits, end } = await lineAround(file, middle);
    if (digits === wanted) return true;
    if (digits < wanted) from = end;
    else to = start;
  }
  return false;
}

/** The line that the byte at `position` is in. */
async function lineAround(file: FileHandle, position: number): Promise<{ start: number; digits: string; end: number }> {
  const base = Math.max(0, position - LINE_BYTES);
  const text = await readAt(file, base, 3 * LINE_BYTES);
  const within = position - base;
  const start = within === 0 ? 0 : text.lastIndexOf("\n", within - 1) + 1;
  const newline = text.indexOf("\n", within);
  const end = newline === -1 ? text.length : newline + 1;
  return { start: base + start, digits: text.slice(start, start + DIGITS).toUpperCase(), end: base + end };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString("latin1", 0, bytesRead);
}
