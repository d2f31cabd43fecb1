/** Why a release would be a mistake. Pure: whoever asks has looked at the files. */
import type { Manifest } from "./tarballs.ts";

export interface ReleaseState {
  readonly manifests: readonly Manifest[];
  readonly changelog: string;
  /** SECURITY.md. */
  readonly security: string;
  /** Files in .changeset/ that wait for a version. */
  readonly waiting: readonly string[];
  /** What `git status` lists. */
  readonly uncommitted: readonly string[];
  /** The commit's tags. */
  readonly tags: readonly string[];
  /** Whether the packages will name the repository that they are built in, which their provenance is held against. */
  readonly namesRepository: boolean;
}

/** A sentence each. */
export function releaseProblems(state: ReleaseState): string[] {
  const versions = [...new Set(state.manifests.map(({ version }) => version))];
  const [version = ""] = versions;
  const problems: string[] = [];
  if (versions.length !== 1) problems.push(`All packages share one version, and here are ${versions.join(", ")}.`);
  if (state.waiting.length > 0) {
    problems.push(`${state.waiting.join(", ")}: run \`npm run release -- --version\` and commit what it changes.`);
  }
  if (!state.changelog.includes(`\n## [${version}]`)) problems.push(`CHANGELOG.md says nothing of ${version}.`);
  if (/@[\w.-]+\.example\b|MAINTAINERS:/.test(state.security)) {
    problems.push(
      "SECURITY.md has a placeholder where people write to who have found a hole: put a real address there, and read the rest.",
    );
  }
  if (state.uncommitted.length > 0) problems.push(`There are uncommitted changes: ${state.uncommitted.join(", ")}.`);
  if (!state.tags.includes(`v${version}`)) problems.push(`This commit has no tag v${version}.`);
  if (!state.namesRepository) {
    problems.push(
      "Nothing says which repository this is: packages with provenance are published by CI (.github/workflows/release.yml).",
    );
  }
  return problems;
}

/** The changelog, with what was unreleased under `version`. Throws if nothing was. */
export function releasedChangelog(changelog: string, version: string, date: string): string {
  const heading = "## [Unreleased]\n";
  const at = changelog.indexOf(heading);
  if (at === -1) throw new Error("CHANGELOG.md has no part called [Unreleased].");
  const rest = changelog.slice(at + heading.length);
  const end = rest.search(/^## /m);
  if ((end === -1 ? rest : rest.slice(0, end)).trim() === "") {
    throw new Error("Nothing under [Unreleased] in CHANGELOG.md: what is new?");
  }
  return `${changelog.slice(0, at)}${heading}\n## [${version}] - ${date}\n${rest}`;
}

/** What the changelog says of `version`, or of what is not released yet. */
export function notesOf(changelog: string, version: string): string {
  const [, ...parts] = changelog.split(/^## (?=\[)/m);
  const part =
    parts.find((each) => each.startsWith(`[${version}]`)) ?? parts.find((each) => each.startsWith("[Unreleased]")) ?? "";
  return `${part.slice(part.indexOf("\n")).trim()}\n`;
}
