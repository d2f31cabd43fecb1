/** Reads lists of names from claims, whatever else they hold: what is of another shape grants nothing. */

/** `["a", "b"]`, or one name. */
export function namesIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((name): name is string => typeof name === "string" && name !== "");
}

/** `"a b"`, as `scope` has it (RFC 6749 §3.3), or a list. */
export function wordsIn(value: unknown): string[] {
  return typeof value === "string" ? value.split(" ").filter((word) => word !== "") : namesIn(value);
}

/** The member of an object, also of one within another; own members only. */
export function memberOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (object, name) =>
      typeof object === "object" && object !== null && Object.hasOwn(object, name)
        ? (object as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}
