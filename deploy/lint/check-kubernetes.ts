/**
 * `npm run test:kubernetes`: is each manifest in deploy/kubernetes.yaml one by Kubernetes' own schema? The schema takes
 * fields that it does not know, so the compiler is asked for those: each manifest is a literal of its type.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apps, policy, v1 } from "kubernetes-models";
import { parseManifests } from "../../scripts/deploy/kubernetes-problems.ts";
import { run } from "../../scripts/tarballs.ts";

const KINDS = {
  Secret: ["v1.ISecret", v1.Secret],
  ConfigMap: ["v1.IConfigMap", v1.ConfigMap],
  Service: ["v1.IService", v1.Service],
  Deployment: ["apps.v1.IDeployment", apps.v1.Deployment],
  PodDisruptionBudget: ["policy.v1.IPodDisruptionBudget", policy.v1.PodDisruptionBudget],
} as Record<string, [string, new (manifest: never) => { validate(): void }]>;

const lines = ['import type { apps, policy, v1 } from "kubernetes-models";'];
for (const [index, manifest] of parseManifests(readFileSync(join(import.meta.dirname, "../kubernetes.yaml"), "utf8")).entries()) {
  const [type, Kind] = KINDS[manifest.kind] ?? [];
  if (type === undefined || Kind === undefined) throw new Error(`Nobody has said yet what a ${manifest.kind} is.`);
  new Kind(manifest as never).validate();
  lines.push(`export const manifest${index}: ${type} = ${JSON.stringify(manifest, null, 2)};`);
}

const folder = mkdtempSync(join(import.meta.dirname, "node_modules/.manifests-"));
try {
  writeFileSync(join(folder, "manifests.mts"), lines.join("\n"));
  run(
    join(import.meta.dirname, "../../node_modules/.bin/tsc"),
    ["--noEmit", "--strict", "--skipLibCheck", "--ignoreConfig", "--module", "nodenext", "--types", "", "manifests.mts"],
    folder,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
