import { describe, expect, it } from "vitest";

import { publishedManifest } from "./published-manifest.ts";

describe("a published package.json", () => {
  it("points every source at its compiled file, types first", () => {
    const { exports } = publishedManifest({
      name: "a",
      exports: { ".": "./src/index.ts", "./react": "./src/react/index.tsx" },
    });
    expect(exports).toEqual({
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./react": { types: "./dist/react/index.d.ts", default: "./dist/react/index.js" },
    });
    expect(Object.keys(exports["."] ?? {})).toEqual(["types", "default"]);
  });

  it("points the command at its compiled file", () => {
    expect(publishedManifest({ name: "a", bin: { ostiary: "./src/cli/main.ts" } }).bin).toEqual({
      ostiary: "./dist/cli/main.js",
    });
  });

  it("leaves files that are not compiled, and every other field, as they are", () => {
    const manifest = {
      name: "a",
      version: "1.0.0",
      exports: { "./style.css": "./style.css" },
      dependencies: { b: "1.0.0" },
    };
    expect(publishedManifest(manifest)).toEqual(manifest);
  });

  it("names the repository where it is built, if anybody knows it", () => {
    const repository = { url: "git+https://git.example/us/ostiary.git", directory: "packages/a" };
    expect(publishedManifest({ name: "a" }, repository)).toEqual({
      name: "a",
      exports: {},
      repository: { type: "git", ...repository },
    });
    expect(publishedManifest({ name: "a" })).not.toHaveProperty("repository");
  });

  it("never offers TypeScript to run", () => {
    expect(() => publishedManifest({ name: "a", exports: { ".": "./index.ts" } })).toThrow("./index.ts");
    expect(() => publishedManifest({ name: "a", bin: { a: "./cli.ts" } })).toThrow("./cli.ts");
  });
});
