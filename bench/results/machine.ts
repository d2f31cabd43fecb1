/** What the numbers were measured on, and with which versions. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { redisBinary } from "../../packages/server/test/redis-server.ts";
import type { Machine } from "./part.ts";

const bench = join(import.meta.dirname, "..");

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** Of Node, what is built into it, and the packages named, as they are installed. */
export function versionsOf(names: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node, openssl: process.versions.openssl };
  for (const name of names) {
    const version = name === "redis-server" ? redisVersion() : name === "sqlite" ? process.versions.sqlite : packageVersion(name);
    if (version !== undefined) versions[name] = version;
  }
  return versions;
}

/** As the benchmarks find it: what bench/ has of its own comes first. */
function packageVersion(name: string): string | undefined {
  for (const folder of [bench, join(bench, "../packages/server"), join(bench, "..")]) {
    const path = join(folder, "node_modules", name, "package.json");
    if (existsSync(path)) return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  }
  return undefined;
}

function redisVersion(): string | undefined {
  const binary = redisBinary();
  if (binary === undefined) return undefined;
  return /v=(\S+)/.exec(spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout)?.[1];
}
