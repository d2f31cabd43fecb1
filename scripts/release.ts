/**
 * `npm run release -- --dry-run`: builds, packs and lints the public packages into release/, with a bill of materials for each
 * (CycloneDX), checksums and the notes, and says what would be published; nothing leaves the machine. It is what happens
 * unasked, too.
 * `-- --version` gives all packages the version that the files in .changeset/ ask for; what it changes is to be committed.
 * `-- --publish` publishes them with provenance, as CI does for a tag, unless something speaks against it.
 */
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import type { Lock } from "./production-packages.ts";
import { notesOf, releasedChangelog, releaseProblems } from "./release-problems.ts";
import { sbomOf } from "./sbom.ts";
import { lintTarballs, packAll, publicPackages, run } from "./tarballs.ts";
import type { Tarball } from "./tarballs.ts";

const root = join(import.meta.dirname, "..");
/** Ignored by git. */
const into = join(root, "release");
const { values: asked } = parseArgs({
  options: {
    "dry-run": { type: "boolean", default: false },
    version: { type: "boolean", default: false },
    publish: { type: "boolean", default: false },
  },
});

try {
  if (asked["dry-run"] && (asked.version || asked.publish)) {
    throw new Error("--dry-run goes alone: nothing is published and no version changes without being asked for.");
  }
  if (asked.version) nextVersion();
  else release(asked.publish);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** One run for all that is waiting: versions, the pins among our packages, the lock files, the changelog. */
function nextVersion(): void {
  const changelog = join(root, "CHANGELOG.md");
  const text = readFileSync(changelog, "utf8");
  const before = versionOf();
  const today = new Date().toISOString().slice(0, 10);
  releasedChangelog(text, before, today); // Throws before anything is written.
  // The first release has the version that everything has had until then.
  const isFirst = !text.includes(`\n## [${before}]`);
  if (!isFirst) {
    if (waitingChangesets().length === 0) throw new Error("Nothing in .changeset/ asks for a version: run `npm run changeset`.");
    run("changeset", ["version"], root);
    if (versionOf() === before) throw new Error("The files in .changeset/ ask for no other version.");
  }
  for (const file of isFirst ? waitingChangesets() : []) rmSync(join(root, file));
  const version = versionOf();
  writeFileSync(changelog, releasedChangelog(text, version, today));
  for (const file of globSync("examples/*/{package,package-lock}.json", { cwd: root })) pinOurs(join(root, file), version);
  run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], root);
  console.log(`All packages are at ${version}. Look through it, commit it, and tag the commit v${version}.`);
}

/** In examples outside the workspace, which have lock files of their own. */
function pinOurs(file: string, version: string): void {
  const text = readFileSync(file, "utf8");
  const ours = publicPackages(root).map(({ manifest }) => manifest.name);
  const pin = new RegExp(`("(?:${ours.join("|")})": )"\\d+\\.\\d+\\.\\d+[^"]*"`, "g");
  const entry = new RegExp(`("node_modules/(?:${ours.join("|")})": \\{\\s*"version": )"[^"]*"`, "g");
  const pinned = text.replace(pin, `$1"${version}"`).replace(entry, `$1"${version}"`);
  if (pinned !== text) writeFileSync(file, pinned);
}

function release(isPublished: boolean): void {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  try {
    const packages = publicPackages(root);
    const against = releaseProblems({
      manifests: packages.map(({ manifest }) => manifest),
      changelog: readFileSync(join(root, "CHANGELOG.md"), "utf8"),
      security: readFileSync(join(root, "SECURITY.md"), "utf8"),
      waiting: waitingChangesets(),
      uncommitted: lines(run("git", ["status", "--porcelain"], root)),
      tags: lines(run("git", ["tag", "--points-at", "HEAD"], root)),
      namesRepository: process.env["GITHUB_REPOSITORY"] !== undefined,
    });
    if (isPublished && against.length > 0) throw new Error(against.join("\n"));

    rmSync(into, { recursive: true, force: true });
    const { tarballs, problems } = packAll(packages, into);
    problems.push(...lintTarballs(tarballs, join(folder, "tools")));
    if (problems.length > 0) throw new Error(problems.join("\n"));
    describe(tarballs);
    console.log(table(into));
    if (isPublished) return publish(tarballs);
    for (const { manifest } of tarballs) console.log(`Would publish ${manifest.name} ${manifest.version}.`);
    for (const problem of against) console.log(`Not yet: ${problem}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside the tarballs: what is in each, what is new, and the checksums of all that. */
function describe(tarballs: readonly Tarball[]): void {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const timestamp = run("git", ["log", "-1", "--format=%cI"], root).trim();
  for (const { file, folder } of tarballs) {
    writeFileSync(file.replace(/\.tgz$/, ".cdx.json"), sbomOf({ lock, folder: relative(root, folder), timestamp }));
  }
  writeFileSync(join(into, "NOTES.md"), notesOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), versionOf()));
  const sums = readdirSync(into).toSorted().map((file) => `${sha256(join(into, file))}  ${file}\n`);
  writeFileSync(join(into, "SHA256SUMS"), sums.join(""));
}

/** What is in the folder, a line each. */
function table(folder: string): string {
  const rows = readdirSync(folder)
    .toSorted()
    .map((file) => [
      file,
      `${(statSync(join(folder, file)).size / 1000).toFixed(1)} kB`,
      sha256(join(folder, file)).slice(0, 16),
    ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const printed = rows.map(
    ([file = "", size = "", sum = ""]) => `${file.padEnd(widths[0] ?? 0)}  ${size.padStart(widths[1] ?? 0)}  ${sum}`,
  );
  return [`${relative(root, folder)}/`, ...printed].join("\n");
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Goes on where a run before it broke off: what is there already stays as it is. */
function publish(tarballs: readonly Tarball[]): void {
  for (const { file, manifest } of tarballs) {
    const { name, version } = manifest;
    if (isPublishedAlready(name, version)) {
      console.log(`${name} ${version} is there already.`);
      continue;
    }
    const tag = version.includes("-") ? ["--tag", "next"] : [];
    run("npm", ["publish", file, "--provenance", "--access", "public", ...tag], root);
    console.log(`Published ${name} ${version}.`);
  }
}

function isPublishedAlready(name: string, version: string): boolean {
  try {
    return run("npm", ["view", `${name}@${version}`, "version"], root).trim() === version;
  } catch (error) {
    // Nothing of that name yet. Whatever else is wrong, publishing will say.
    if (error instanceof Error && error.message.includes("E404")) return false;
    throw error;
  }
}

function waitingChangesets(): string[] {
  return globSync(".changeset/*.md", { cwd: root }).filter((file) => basename(file) !== "README.md").toSorted();
}

function versionOf(): string {
  return publicPackages(root)[0]?.manifest.version ?? "";
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
