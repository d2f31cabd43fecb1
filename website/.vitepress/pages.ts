import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const REPOSITORY_ROOT = fileURLToPath(new URL("../../", import.meta.url));

const IGNORED = ["**/node_modules/**", "**/dist/**"];
const all = globSync("**/*.md", { cwd: REPOSITORY_ROOT, exclude: IGNORED }).toSorted();

/** The pages of the site: the path on the disk, and the one below the site's root. Both from the root of the repository. */
export const routes: ReadonlyMap<string, string> = new Map(all.flatMap((path) => {
  const route = routeOf(path);
  return route === undefined ? [] : [[path, route] as const];
}));

/** What is Markdown, and no page. */
export const excluded: readonly string[] = [...IGNORED, ...all.filter((path) => !routes.has(path))];

function routeOf(path: string): string | undefined {
  if (path === "docs/README.md") return "index.md";
  if (path.startsWith("docs/")) return path.slice("docs/".length);
  if (path === "deploy/README.md") return "deploy.md";
  const folder = dirname(path);
  if (basename(path) === "README.md" && /^(?:examples|packages)\/[^/]+$/.test(folder)) return `${folder}.md`;
  return folder === "." ? `project/${path.toLowerCase()}` : undefined;
}

/** The first heading. */
export function titleOf(path: string): string {
  const [, title = path] = /^# (.+)$/m.exec(readFileSync(join(REPOSITORY_ROOT, path), "utf8")) ?? [];
  return title.replaceAll("`", "");
}

/** Where the source can be read, once the packages say where that is. */
export const repositoryUrl = readRepositoryUrl();

function readRepositoryUrl(): string | undefined {
  const manifest = JSON.parse(readFileSync(join(REPOSITORY_ROOT, "packages/server/package.json"), "utf8")) as {
    repository?: string | { url: string };
  };
  const { repository } = manifest;
  const url = typeof repository === "string" ? repository : repository?.url;
  return url?.replace(/^git\+/, "").replace(/\.git$/, "");
}
