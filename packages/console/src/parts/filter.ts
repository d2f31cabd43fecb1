import { useSearchParams } from "wouter";

/** What a list is filtered by is in the address, so that it can be sent to somebody. Nothing is `""`. */
export function useFilter(): [get: (name: string) => string, set: (name: string, value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === "") after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  return [(name) => search.get(name) ?? "", set];
}
