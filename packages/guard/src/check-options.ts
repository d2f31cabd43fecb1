/** Checks of options that come from outside. Each throws a TypeError with a sentence that names the option. */

/** Throws when `options` has a member that is not in `names`: a misspelt option must not be a silent one. */
export function checkNames(caller: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`${caller} takes an object of options`);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`${caller} has no option ${unknown}; it has ${names.join(", ")}`);
}

export function checkAudience(audience: unknown): asserts audience is string | readonly string[] {
  const list: unknown[] = Array.isArray(audience) ? audience : [audience];
  if (list.length === 0 || !list.every((each) => typeof each === "string" && each !== "")) {
    throw new TypeError("audience is required: the name, or names, of this API as they stand in the tokens' aud");
  }
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

export function checkNumber(name: string, value: unknown, { min, max, whole = false }: NumberRange): void {
  if (typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value))) return;
  throw new TypeError(`${name} must be a ${whole ? "whole number" : "number"} from ${min} to ${max}`);
}

export function checkFunctions(functions: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value !== "function") throw new TypeError(`${name} must be a function`);
  }
}
