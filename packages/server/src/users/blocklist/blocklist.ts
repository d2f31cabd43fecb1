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
export async function openBlocklist({ words, breachedFile }: { words: readonly string[]; breachedFile?: string | undefined }): Promise<Blocklist> {
  const breached = breachedFile === undefined ? null : await openBreachedFile(breachedFile);
  let common: Promise<ReadonlySet<string>> | undefined;
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

/** Some 50,000, of which 18,000 have eight characters or more. Read when the first password is chosen. */
async function readCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"]);
}

/** `Ostiary2026!` is no better than `ostiary`. */
function isMadeOf(lower: string, context: readonly string[]): boolean {
  const core = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  return context.some((text) => {
    const word = text.toLowerCase();
    const parts = word.split(/[^\p{L}\p{N}]+/u);
    const candidates = [word, parts.join(""), ...parts].filter((candidate) => candidate.length >= SHORTEST_WORD);
    return candidates.some((candidate) => lower === candidate || core === candidate || core === candidate.replace(/[^\p{L}]+$/u, ""));
  });
}
