/**
 * A bounded memory of tokens that were verified.
 *
 * Two generations of Maps: new entries go to the young one; when it is full it becomes the old one, and what was old
 * is forgotten. An entry that is used in the old one moves up, so that what is in use stays, without the bookkeeping
 * of a least-recently-used list. Keyed on the whole text of the token: there is no digest to collide.
 * What an entry is worth on its next use is the verifier's business.
 */

/** Characters of token text the cache holds on average for each entry it may have; longer tokens mean fewer entries. */
const CHARACTERS_PER_ENTRY = 1024;

export class TokenCache<Entry> {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #characters = 0;
  readonly #maxEntries: number;
  readonly #maxCharacters: number;

  constructor(maxTokens: number) {
    this.#maxEntries = Math.ceil(maxTokens / 2);
    this.#maxCharacters = this.#maxEntries * CHARACTERS_PER_ENTRY;
  }

  get(token: string): Entry | undefined {
    const entry = this.#young.get(token);
    if (entry !== undefined) return entry;
    const old = this.#old.get(token);
    if (old !== undefined) {
      this.#old.delete(token);
      this.set(token, old);
    }
    return old;
  }

  set(token: string, entry: Entry): void {
    if (token.length > this.#maxCharacters) return;
    if (this.#young.size >= this.#maxEntries || this.#characters + token.length > this.#maxCharacters) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = 0;
    }
    this.#young.set(token, entry);
    this.#characters += token.length;
  }

  delete(token: string): void {
    // The length stays counted until the generation changes: forgetting early is the safe side.
    this.#young.delete(token);
    this.#old.delete(token);
  }
}
