import { lazily } from "../lazily.ts";
import type { Place } from "./route.ts";

type Spot = Pick<Place, "method" | "path">;

/** As in `get /sessions/{id}`. */
export type PlaceName = `${Place["method"]} /${string}`;

/** What is known by its place until its file is loaded. */
export interface Lazy<Written extends Spot> extends Spot {
  readonly load: () => Promise<Written>;
}

/** All that one file has, by the places that it says as well. */
export function lazilyAt<Written extends Spot>(
  names: PlaceName | readonly PlaceName[],
  load: () => Promise<Written | readonly Written[]>,
): Lazy<Written>[] {
  const places = [names].flat();
  const file = lazily(async () => {
    const written = new Map([await load()].flat().map((one) => [`${one.method} ${one.path}`, one as Written]));
    if (places.length !== written.size || !places.every((name) => written.has(name))) {
      throw new Error(`The table has ${places.join(", ")}, and the file has ${[...written.keys()].join(", ")}.`);
    }
    return written;
  });
  return places.map((name) => {
    const [method, path] = name.split(" ") as [Spot["method"], string];
    return { method, path, load: async () => (await file()).get(name) as Written };
  });
}
