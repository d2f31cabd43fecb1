/** Checking of options: a misspelt or foreign option is refused where it is written, not ignored. */

/** Throws a TypeError unless `options` is an object that has only the named members. */
export function checkOptions(caller: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`${caller} takes an object of options.`);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`${caller} has no option ${JSON.stringify(name)}; it has ${known.join(", ")}.`);
    }
  }
}

/** Throws a TypeError unless `value` is a text with something in it. */
export function requireText(value: unknown, option: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(`${option} must be a text that is not empty.`);
}

/** Throws a TypeError unless `value` is a number of seconds from `minimum` to `maximum`. */
export function requireSeconds(value: unknown, option: string, minimum: number, maximum: number): number {
  if (typeof value === "number" && value >= minimum && value <= maximum) return value;
  throw new TypeError(`${option} must be a number of seconds from ${minimum} to ${maximum}.`);
}

/** Throws a TypeError unless `clock` is a function. */
export function requireClock(clock: unknown): () => number {
  if (typeof clock === "function") return clock as () => number;
  throw new TypeError("clock must be a function that returns milliseconds, like Date.now.");
}
