export interface BoundedMemory<Value, Key = string> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/**
 * Remembers a bounded number of values, in two generations: when the young one is full, what was not used since is
 * forgotten.
 */
export function createBoundedMemory<Value, Key = string>(max: number): BoundedMemory<Value, Key> {
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();
  function set(key: Key, value: Value): void {
    if (max === 0) return;
    if (!young.has(key) && young.size >= Math.ceil(max / 2)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }
  return {
    set,
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const again = old.get(key);
      if (again !== undefined) set(key, again);
      return again;
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
  };
}
