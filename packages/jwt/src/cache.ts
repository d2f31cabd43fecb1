/**
 * A bounded memory of tokens that were verified.
 *
 * Two generations of Maps: new entries go to the young one; when it is full it becomes the old one, and what was old
 * is forgotten. An entry that is used in the old one is put into the young one too, so that what is in use stays, without
 * the bookkeeping of a least-recently-used list. What an entry is worth on its next use is the verifier's business.
 */

/** Characters of token text the cache holds on average for each entry it may have; longer tokens mean fewer entries. */
const CHARACTERS_PER_ENTRY = 1024;

/** What is remembered about a token, and its text. */
export interface CacheEntry {
  readonly token: string;
}

export class TokenCache<Entry extends CacheEntry> {
  #young = new Map<number, Entry>();
  #old = new Map<number, Entry>();
  #characters = 0;
  readonly #maxEntries: number;
  readonly #maxCharacters: number;

  constructor(maxTokens: number) {
    this.#maxEntries = Math.ceil(maxTokens / 2);
    this.#maxCharacters = this.#maxEntries * CHARACTERS_PER_ENTRY;
  }

  /** What is remembered about exactly this text. */
  get(token: string): Entry | undefined {
    const tag = tagOf(token);
    const entry = this.#young.get(tag);
    if (entry !== undefined && entry.token === token) return entry;
    const old = this.#old.get(tag);
    if (old === undefined || old.token !== token) return undefined;
    this.#add(tag, old);
    return old;
  }

  add(entry: Entry): void {
    if (entry.token.length <= this.#maxCharacters) this.#add(tagOf(entry.token), entry);
  }

  delete(token: string): void {
    // The length stays counted until the generation changes: forgetting early is the safe side.
    const tag = tagOf(token);
    this.#young.delete(tag);
    this.#old.delete(tag);
  }

  #add(tag: number, entry: Entry): void {
    const { length } = entry.token;
    if (this.#young.size >= this.#maxEntries || this.#characters + length > this.#maxCharacters) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = 0;
    }
    this.#young.set(tag, entry);
    this.#characters += length;
  }
}

/**
 * The number a token is found by: 30 bits of its signature, from the five characters before the last, which has bits to
 * spare. An entry counts only if the whole text is equal; of two tokens with one tag, the later pushes the earlier out.
 *
 * A Map of whole texts would hash each of them, character by character, which takes longer than all else a hit does.
 */
function tagOf(token: string): number {
  const end = token.length - 1;
  if (end < 5) return 0; // reading before the start would make V8 give up its fast code for good
  const high = (token.charCodeAt(end - 1) << 24) ^ (token.charCodeAt(end - 2) << 18) ^ (token.charCodeAt(end - 3) << 12);
  return (high ^ (token.charCodeAt(end - 4) << 6) ^ token.charCodeAt(end - 5)) & 0x3fff_ffff;
}
