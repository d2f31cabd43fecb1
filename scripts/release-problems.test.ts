import { describe, expect, it } from "vitest";
import { notesOf, releasedChangelog, releaseProblems } from "./release-problems.ts";
import type { ReleaseState } from "./release-problems.ts";

const READY: ReleaseState = {
  manifests: [{ name: "a", version: "1.2.0" }, { name: "b", version: "1.2.0" }],
  changelog: "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-01\n\n- New.\n",
  security: "Write to security@ostiary.test.",
  waiting: [],
  uncommitted: [],
  tags: ["v1.2.0"],
  namesRepository: true,
};

describe("a release", () => {
  it("has no problem", () => expect(releaseProblems(READY)).toEqual([]));

  it.each<[string, Partial<ReleaseState>, string]>([
    [
      "of two versions",
      {
        manifests: [
          { name: "a", version: "1.2.0" },
          { name: "b", version: "1.1.0" },
        ],
      },
      "1.2.0, 1.1.0",
    ],
    ["with changesets that wait", { waiting: [".changeset/brave-cats.md"] }, "brave-cats"],
    ["that the changelog says nothing of", { changelog: "## [Unreleased]\n\n- 1.2.0\n" }, "CHANGELOG.md"],
    [
      "that nobody can write to about a hole",
      { security: "Write to **security@ostiary.example** *(a placeholder)*." },
      "SECURITY.md",
    ],
    ["of what is not committed", { uncommitted: ["M package.json"] }, "M package.json"],
    ["without its tag", { tags: ["v1.1.0"] }, "v1.2.0"],
    ["from a machine that is not CI", { namesRepository: false }, "release.yml"],
  ])("%s is refused", (_, wrong, said) => {
    const problems = releaseProblems({ ...READY, ...wrong });
    expect(problems).toEqual([expect.stringContaining(said)]);
  });
});

describe("the changelog of a release", () => {
  it("has what was unreleased under the version, and room for what comes", () => {
    const before = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- New.\n\n## [1.1.0] - 2025-01-01\n\n- Old.\n";
    const after =
      "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-01\n\n### Added\n\n- New.\n\n## [1.1.0] - 2025-01-01\n\n- Old.\n";
    expect(releasedChangelog(before, "1.2.0", "2026-01-01")).toBe(after);
  });

  it("is not written where nothing is new", () => {
    expect(() => releasedChangelog("## [Unreleased]\n\n## [1.1.0]\n\n- Old.\n", "1.2.0", "2026-01-01")).toThrow("what is new");
    expect(() => releasedChangelog("# Changelog\n", "1.2.0", "2026-01-01")).toThrow("[Unreleased]");
  });
});

describe("the notes of a release", () => {
  const changelog =
    "# Changelog\n\n## [Unreleased]\n\n- Soon.\n\n## [1.2.0] - 2026-01-01\n\n### Added\n\n- New.\n\n## [1.1.0] - " +
    "2025-01-01\n\n- Old.\n";

  it("are what the changelog says of it", () => expect(notesOf(changelog, "1.2.0")).toBe("### Added\n\n- New.\n"));
  it("are those of what is not released yet, where it says nothing", () => expect(notesOf(changelog, "1.3.0")).toBe("- Soon.\n"));
});
