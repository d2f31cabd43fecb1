/**
 * Holds the table of who may import whom: between packages, inside the server, and no cycle anywhere.
 * The table is the data below; scripts/imports/ reads the files and judges them. Run it with `npm run check`.
 */
import { checkTree } from "./imports/check-tree.ts";
import type { ImportTable } from "./imports/table.ts";
import { report } from "./report.ts";

const domains = [
  "users",
  "second-factors",
  "sessions",
  "clients",
  "fetching",
  "api-keys",
  "oauth",
  "federation",
  "keys",
  "tokens",
  "revocation",
  "limits",
  "audit",
  "mail",
];

export const table: ImportTable = {
  /** By folder under packages/. A package that is not listed here is refused. */
  packages: {
    protocol: { name: "@ostiary/protocol", workspace: [], outside: [] },
    jwt: { name: "@ostiary/jwt", workspace: [], outside: ["node:crypto"] },
    guard: {
      name: "@ostiary/guard",
      workspace: ["jwt", "protocol"],
      outside: ["node:*", "express", "fastify", "hono", "next"],
    },
    client: {
      name: "@ostiary/client",
      workspace: [],
      workspaceTypes: ["protocol"],
      outside: ["react", "react-dom"],
    },
    server: { name: "ostiary", workspace: ["jwt", "protocol", "guard"], outside: "any" },
    console: { name: "@ostiary/console", workspace: ["client", "protocol"], outside: "any" },
  },

  /** Inside a package: what the files of a folder must never import. */
  directions: [
    {
      package: "server",
      folders: domains,
      never: ["http", "stores", "cli", "pages"],
      because: "a domain knows neither requests nor databases",
    },
    {
      package: "server",
      folders: ["stores"],
      never: ["http", "cli", "pages"],
      because: "a store only implements the interfaces of the domains",
    },
    {
      package: "server",
      folders: ["http", "pages"],
      never: ["stores", "cli"],
      because: "routes go through the domains",
    },
    {
      package: "server",
      folders: [...domains, "stores", "http", "pages", "cli"],
      never: ["wiring"],
      because: "the wiring is not a module to build on",
    },
  ],

  /** Inside a package: files that few may import. */
  importers: [
    {
      package: "server",
      file: "server.ts",
      only: ["cli/", "index.ts"],
      because: "the wiring is not a module to build on",
    },
  ],

  /** Inside a package: outside modules that belong to some folders only. */
  outsideModules: [
    {
      package: "server",
      modules: ["kysely", "node:sqlite", "pg", "redis"],
      only: ["stores/"],
      because: "only stores/ knows a database",
    },
    {
      package: "server",
      modules: ["hono", "@hono/*", "express", "next"],
      notIn: [...domains.map((folder) => `${folder}/`), "stores/"],
      because: "a domain never sees a Request",
    },
  ],

  /** The only files that read `process.env` or a `.env` file, and the only ones that import by a computed path. */
  environmentReaders: ["packages/server/src/config.ts"],
  computedImports: ["packages/server/src/config.ts", "packages/server/src/cli/"],

  /** Tests may use any tool and look into any folder of their own package; nothing else may import them. */
  tests: [".test.ts", ".test.tsx", "/conformance/", "/test/"],
};

if (import.meta.main) report(checkTree(process.cwd(), table));
