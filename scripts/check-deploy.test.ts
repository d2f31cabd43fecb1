import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkDeploy } from "./check-deploy.ts";
import { composeProblems } from "./deploy/compose-problems.ts";
import { dockerfileProblems } from "./deploy/dockerfile-problems.ts";
import { isIgnored } from "./deploy/ignored.ts";
import { kubernetesProblems } from "./deploy/kubernetes-problems.ts";
import { unitProblems } from "./deploy/unit-problems.ts";

const root = join(import.meta.dirname, "..");
const read = (name: string): string => readFileSync(join(root, "deploy", name), "utf8");

/** The file's text with something else in it. Throws if what is to be replaced is not there. */
function changed(name: string, from: string | RegExp, to: string): string {
  const text = read(name);
  const after = text.replaceAll(typeof from === "string" ? from : new RegExp(from, `${from.flags}g`), () => to);
  if (after === text) throw new Error(`${name} has no ${from}`);
  return after;
}

it("what is deployed has no problem", () => expect(checkDeploy(root)).toEqual([]));

describe("a Dockerfile is refused", () => {
  const version = /FROM node:([\d.]+)-/.exec(read("Dockerfile"))?.[1] ?? "";

  it.each<[string, string | RegExp, string, string]>([
    ["that a linter refuses", "STOPSIGNAL SIGTERM", "STOPSIGNAL", "line 33: Instruction has no arguments"],
    ["on another Node", `node:${version}-bookworm-slim`, "node:latest", "node:latest"],
    ["that runs as root", "USER 1000:1000", "USER root", "USER"],
    ["that runs as a name", "USER 1000:1000", "USER node", "USER"],
    ["whose process is a shell", /ENTRYPOINT .*/, "ENTRYPOINT node main.js", "ENTRYPOINT"],
    ["that needs curl", '["node", "--eval"', '["curl", "--eval"', "HEALTHCHECK"],
    ["with a secret in it", "ENV NODE_ENV=production", "ENV OSTIARY_SECRET=x NODE_ENV=production", "OSTIARY_SECRET"],
    ["that forgets its data", 'VOLUME ["/data"]', "", "VOLUME"],
    ["that brings tools", "RUN install -d", "RUN apt-get install -y", "installed"],
    ["that does not say what it is", "org.opencontainers.image.revision", "revision", "revision"],
  ])("%s", (_, from, to, said) => {
    expect(dockerfileProblems(changed("Dockerfile", from, to), version).join("\n")).toContain(said);
  });
});

describe("a compose file is refused", () => {
  it.each<[string, string | RegExp, string, string]>([
    ["that is none", "restart:", "restarts:", "additional"],
    ["whose database can be reached", "    networks: [back]\n", '    networks: [back]\n    ports: ["5432:5432"]\n', "publishes"],
    ["whose database has a way out", "internal: true", "internal: false", "internal"],
    ["whose server can be reached past the proxy", "127.0.0.1:4000", "4000", "proxy"],
    ["with a secret that everybody knows", /\$\{OSTIARY_SECRET:\?[^}]*\}/, "${OSTIARY_SECRET:-secret}", "OSTIARY_SECRET"],
    ["that starts too early", "condition: service_healthy", "condition: service_started", "wait"],
    ["whose versions move", "postgres:18.4", "postgres", "version"],
    ["whose server is killed", "stop_grace_period: 30s", "stop_grace_period: 10s", "killed"],
    ["whose server can be changed", "read_only: true", "read_only: false", "written"],
  ])("%s", (_, from, to, said) => {
    expect(composeProblems(changed("compose.yaml", from, to)).join("\n")).toContain(said);
  });
});

describe("a unit is refused", () => {
  it.each<[string, string | RegExp, string, string]>([
    ["that runs as root", "User=ostiary", "User=root", "root"],
    ["that can write everywhere", "ProtectSystem=strict", "ProtectSystem=no", "ProtectSystem"],
    ["that node cannot run in", "[Install]", "MemoryDenyWriteExecute=yes\n[Install]", "MemoryDenyWriteExecute"],
    ["that kills", "TimeoutStopSec=30", "TimeoutStopSec=5", "killed"],
    ["with a secret in it", "Environment=NODE_ENV", "Environment=OSTIARY_SECRET=x\nEnvironment=NODE_ENV", "EnvironmentFile"],
    ["that stays down", "Restart=on-failure", "Restart=no", "restarted"],
  ])("%s", (_, from, to, said) => {
    expect(unitProblems(changed("ostiary.service", from, to)).join("\n")).toContain(said);
  });
});

describe("manifests are refused", () => {
  it.each<[string, string | RegExp, string, string]>([
    ["that lack one", "kind: PodDisruptionBudget", "kind: Other", "PodDisruptionBudget"],
    ["of one server", "replicas: 2", "replicas: 1", "another is moved"],
    ["that can be changed", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "confined"],
    [
      "that restart what only waits",
      /livenessProbe:\n\s+httpGet: \{ path: \/healthz/,
      "livenessProbe:\n            httpGet: { path: /readyz",
      "alive",
    ],
    ["that send requests to what has ended", "sleep: { seconds: 10 }", "sleep: { seconds: 0 }", "pause"],
    ["that kill", "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 20", "killed"],
    [
      "with a secret that works",
      "OSTIARY_SECRET: REPLACE-ME",
      "OSTIARY_SECRET: everybody-would-have-the-same-in-the-end",
      "template",
    ],
  ])("%s", (_, from, to, said) => {
    expect(kubernetesProblems(changed("kubernetes.yaml", from, to)).join("\n")).toContain(said);
  });
});

it("only what is built comes into the image's context: no secret, no data, no tests", () => {
  const lines = read("Dockerfile.dockerignore").split("\n");
  const kept = [
    "package.json",
    "package-lock.json",
    ".npmrc",
    "LICENSE",
    "scripts/prepack.ts",
    "packages/server/src/cli/main.ts",
    "packages/server/assets/pages.css",
    "examples/express-api/package.json",
  ];
  const left = [
    ".env",
    ".git/config",
    ".ostiary/secret",
    "packages/server/.env",
    "packages/server/.ostiary/ostiary.db",
    "node_modules/a/index.js",
    "packages/a/node_modules/b/index.js",
    "packages/jwt/src/sign.test.ts",
    "packages/server/test/test-server.ts",
    "packages/jwt/dist/index.js",
    "examples/express-api/src/main.ts",
    "docs/stores.md",
  ];
  expect(kept.filter((path) => isIgnored(path, lines))).toEqual([]);
  expect(left.filter((path) => !isIgnored(path, lines))).toEqual([]);
});
