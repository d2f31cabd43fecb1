/**
 * A bounded memory of tokens that were verified.
 *
 * Two generations of Maps: new entries go to the young one; when it is full it becomes the old one, and what was old
 * is forgotten. An entry that is used in the old one moves up, so that what is in use stays, without the bookkeeping
 * of a least-recently-used list. What an entry is worth on its next use is the verifier's business.
 */

/** Characters of token text the cache holds on average for each entry it may have; longer tokens mean fewer entries. */
const CHARACTERS_PER_ENTRY = 1024;

/**
 * Characters at a token's end by which it is found; 72 bits of its signature. The entry counts only if the whole text
 * is equal. Finding it by the whole text would take a hash over every character, which is three quarters of the time.
 */
const TAIL = 12;

interface Slot<Entry> {
  readonly token: string;
  readonly entry: Entry;
}

export class TokenCache<Entry> {
  #young = new Map<string, Slot<Entry>>();
  #old = new Map<string, Slot<Entry>>();
  #characters = 0;
  readonly #maxEntries: number;
  readonly #maxCharacters: number;

  constructor(maxTokens: number) {
    this.#maxEntries = Math.ceil(maxTokens / 2);
    this.#maxCharacters = this.#maxEntries * CHARACTERS_PER_ENTRY;
  }

  get(token: string): Entry | undefined {
    const tail = token.slice(-TAIL);
    const slot = this.#young.get(tail);
    if (slot !== undefined && slot.token === token) return slot.entry;
    const old = this.#old.get(tail);
    if (old === undefined || old.token !== token) return undefined;
    this.#old.delete(tail);
    this.#add(tail, old);
    return old.entry;
  }

  set(token: string, entry: Entry): void {
    if (token.length <= this.#maxCharacters) this.#add(token.slice(-TAIL), { token, entry });
  }

  delete(token: string): void {
    // The length stays counted until the generation changes: forgetting early is the safe side.
    const tail = token.slice(-TAIL);
    this.#young.delete(tail);
    this.#old.delete(tail);
  }

  #add(tail: string, slot: Slot<Entry>): void {
    const { length } = slot.token;
    if (this.#young.size >= this.#maxEntries || this.#characters + length > this.#maxCharacters) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = 0;
    }
    this.#young.set(tail, slot);
    this.#characters += length;
  }
}
