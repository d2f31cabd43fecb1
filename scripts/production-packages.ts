/** What package-lock.json says is installed where a workspace runs, without what only its development needs. Pure. */

export interface LockedPackage {
  readonly version?: string;
  /** Of a link: the folder in the repository. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly name?: string;
  readonly license?: string;
  readonly description?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  /** By their place: `node_modules/hono`, `packages/server`. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface ProductionPackage {
  /** Where it is installed; of ours, their folder. */
  readonly place: string;
  readonly name: string;
  readonly entry: LockedPackage;
  /** Nobody needs it but as an optional dependency, such as a binary for another machine. */
  readonly isOptional: boolean;
  /** The places of what it depends on. */
  readonly dependsOn: readonly string[];
}

/**
 * The workspace in `folder` first, then what it needs, in the order of their places. Throws if the lock lacks something
 * needed.
 */
export function productionPackages({ packages }: Lock, folder: string): ProductionPackage[] {
  const found = new Map<string, ProductionPackage>();
  const visit = (place: string, name: string, isOptional: boolean): void => {
    const before = found.get(place);
    if (before !== undefined && (isOptional || !before.isOptional)) return;
    const entry = packages[place];
    if (entry === undefined) throw new Error(`package-lock.json says nothing of ${place}.`);
    const optional = Object.keys(entry.optionalDependencies ?? {});
    const needed = Object.keys(entry.dependencies ?? {});
    const places = new Map(
      [...new Set([...needed, ...optional])].toSorted().flatMap((dependency) => {
        const at = placeOf(dependency, place, packages);
        if (at === null && !optional.includes(dependency)) {
          throw new Error(`package-lock.json lacks ${dependency}, which ${name} needs.`);
        }
        return at === null ? [] : [[dependency, at]];
      }),
    );
    found.set(place, { place, name, entry, isOptional, dependsOn: [...places.values()] });
    for (const [dependency, at] of places) visit(at, dependency, isOptional || optional.includes(dependency));
  };
  visit(folder, packages[folder]?.name ?? folder, false);
  const [own, ...rest] = found.values();
  return own === undefined ? [] : [own, ...rest.toSorted((a, b) => (a.place < b.place ? -1 : 1))];
}

/** Where Node finds it from there: in the nearest node_modules. Ours are links to their folders. */
function placeOf(name: string, from: string, packages: Lock["packages"]): string | null {
  for (let folder = from; ; folder = folder.replace(/(?:^|\/)[^/]+$/, "")) {
    const place = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    const entry = packages[place];
    if (entry !== undefined) return entry.link === true ? (entry.resolved ?? null) : place;
    if (folder === "") return null;
  }
}
