/** `npm run test:release`: two rehearsals of a release, in another time zone, language and umask, make the same bytes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./tarballs.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "release");

const rehearse = (surroundings: string): Map<string, Buffer> => {
  process.stdout.write(run("sh", ["-c", `${surroundings}; exec node scripts/release.ts --dry-run`], root));
  return new Map(readdirSync(folder).toSorted().map((file) => [file, readFileSync(join(folder, file))]));
};

const first = rehearse("umask 022; export TZ=UTC LC_ALL=C");
const second = rehearse("umask 077; export TZ=Asia/Seoul LC_ALL=C.UTF-8");
const different = [...new Set([...first.keys(), ...second.keys()])].filter(
  (file) => second.get(file)?.equals(first.get(file) ?? Buffer.of()) !== true,
);
if (different.length > 0) {
  console.error(`Not the same twice: ${different.join(", ")}.`);
  process.exitCode = 1;
} else {
  console.log(`${first.size} files, the same twice.`);
}
