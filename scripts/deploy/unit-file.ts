/** A systemd unit, as far as its rules and its start have to be known: every value of each key, in order. Pure. */
export type UnitFile = ReadonlyMap<string, readonly string[]>;

export function parseUnitFile(text: string): UnitFile {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}

/** The last value that is set. Throws if there is none. */
export function valueOf(unit: UnitFile, key: string): string {
  const value = unit.get(key)?.at(-1);
  if (value === undefined) throw new Error(`The unit does not say ${key}=.`);
  return value;
}
