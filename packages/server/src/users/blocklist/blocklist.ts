/**
 * Passwords that everybody tries. Owns the bundled list, the words of a context, and the file of breached passwords.
 * Nothing is asked over the network. Compared is the whole password: no rule says what has to be in one.
 */
import { openBreachedFile } from "./breached-file.ts";

export interface Blocklist {
  /** `context`: the account's e-mail, name and the like. */
  has(password: string, context: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

/** Shorter words are in too many good passwords. */
const SHORTEST_WORD = 4;

/**
 * `words` are the product's own. `breachedFile` has one password a line, or sorted SHA-1 hashes as Have I Been Pwned
 * hands them out. Throws a StartError if it cannot be read.
 */
export async function openBlocklist({
  words,
  breachedFile,
}: {
  words: readonly string[];
  breachedFile?: string | undefined;
}): Promise<Blocklist> {
  const breached = breachedFile === undefined ? null : await openBreachedFile(breachedFile);
  return {
    async has(password, context) {
      const lower = password.toLowerCase();
      if (isMadeOf(lower, [...words, ...context])) return true;
      common ??= readCommon();
      return (await common).has(lower) || (breached !== null && (await breached.has(password)));
    },
    close: async () => breached?.close(),
  };
}

/** The same for all servers of the process. */
let common: Promise<ReadonlySet<string>> | undefined;

/** Some 50,000, of which 18,000 have eight characters or more. Read when the first password is chosen. */
async function readCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"]);
}

/** `Ostiary2026!` is no better than `ostiary`. */
function isMadeOf(lower: string, context: readonly string[]): boolean {
  const tries = [squashed(lower), core(lower)];
  return context.some((text) => {
    const word = text.toLowerCase();
    const parts = [word, ...word.split(/[\s@.]+/), ...word.split(/[^\p{L}\p{N}]+/u)];
    return parts
      .flatMap((part) => [squashed(part), core(part)])
      .some((part) => part.length >= SHORTEST_WORD && tries.includes(part));
  });
}

/** Without what is only decoration: spaces and punctuation, and digits before and after. */
function core(text: string): string {
  return squashed(text).replace(/^\p{N}+|\p{N}+$/gu, "");
}

function squashed(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, "");
}
