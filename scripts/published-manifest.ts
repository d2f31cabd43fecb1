/** What a package.json says to the world instead of what it says in the repository. Pure: reads and writes no file. */

export interface Manifest {
  name: string;
  exports?: Record<string, string>;
  bin?: Record<string, string>;
  [field: string]: unknown;
}

export interface PublishedManifest extends Omit<Manifest, "exports"> {
  exports: Record<string, string | { types: string; default: string }>;
}

/** Where a package is built. */
export interface Repository {
  readonly url: string;
  /** The package's folder in it. */
  readonly directory: string;
}

/**
 * Points `exports` and `bin` from the sources at what is compiled from them, and names the repository where it is known: npm
 * holds a package's provenance against it. Throws on a target that is neither a source nor published as it is.
 */
export function publishedManifest(manifest: Manifest, repository?: Repository): PublishedManifest {
  const { exports = {}, bin } = manifest;
  return {
    ...manifest,
    ...(repository === undefined ? {} : { repository: { type: "git", ...repository } }),
    exports: mapValues(exports, (target) =>
      isSource(target) ? { types: compiled(target, ".d.ts"), default: compiled(target, ".js") } : asIs(target),
    ),
    ...(bin === undefined
      ? {}
      : { bin: mapValues(bin, (target) => (isSource(target) ? compiled(target, ".js") : asIs(target))) }),
  };
}

const isSource = (target: string): boolean => /^\.\/src\/.+\.tsx?$/.test(target);

const compiled = (source: string, extension: string): string =>
  source.replace("./src/", "./dist/").replace(/\.tsx?$/, extension);

/** Files that are not compiled (a style sheet, package.json itself) are published where they are. */
function asIs(target: string): string {
  if (/\.tsx?$/.test(target)) throw new Error(`${target} would be published as TypeScript, which Node does not run`);
  return target;
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
