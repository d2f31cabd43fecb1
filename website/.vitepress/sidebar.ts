import type { DefaultTheme } from "vitepress";
import { routes, titleOf } from "./pages.ts";

/** By kind, in the order to read them. `*` stands for what no other group names. */
const GROUPS: readonly { text: string; paths: readonly string[]; collapsed?: boolean }[] = [
  { text: "Start", paths: ["index", "tutorial"] },
  {
    text: "Guides",
    paths: [
      "guard",
      "client",
      "react",
      "nextjs",
      "nestjs",
      "trpc",
      "runtimes",
      "pages",
      "mail",
      "second-factors",
      "step-up",
      "sign-in-with",
      "own-users",
      "oauth",
      "relying-parties",
      "api-keys",
      "dpop",
      "mcp",
      "other-issuers",
      "other-verifiers",
      "jwt",
      "*",
    ],
  },
  {
    text: "Concepts",
    paths: ["session-protocol", "revocation", "threat-model", "security", "keys", "architecture", "comparison"],
  },
  {
    text: "Reference",
    paths: [
      "reference/configuration",
      "configuration",
      "reference/cli",
      "cli",
      "reference/http",
      "http-api",
      "reference/errors",
      "revocation-feed",
      "oauth-conformance",
    ],
  },
  { text: "Operations", paths: ["operations/*", "deploy", "stores", "console", "faults"] },
  { text: "Migration", paths: ["migration/*"] },
  { text: "Benchmarks", paths: ["benchmarks/*"] },
  { text: "Decisions", paths: ["decisions/*"], collapsed: true },
  { text: "Examples", paths: ["examples/*", "packages/*"], collapsed: true },
  { text: "Errors, one by one", paths: ["errors/*"], collapsed: true },
  { text: "Project", paths: ["project/*"], collapsed: true },
];

/** Where a page's own title is too long here, or two would look the same. */
const TITLES: Readonly<Record<string, string>> = {
  index: "What is where",
  "reference/configuration": "Configuration",
  configuration: "Configuration, explained",
  "reference/cli": "Command line",
  cli: "Command line, explained",
  "reference/http": "HTTP API",
  "http-api": "HTTP API, explained",
  "api-keys": "Service accounts, API keys",
  dpop: "Tokens bound to a key (DPoP)",
  oauth: "OAuth and OpenID Connect",
  "relying-parties": "Apache as a relying party",
  "other-issuers": "Tokens of other issuers",
  "other-verifiers": "Verifying elsewhere",
  "step-up": "Step-up",
  deploy: "Files to deploy by",
  "project/readme.ko": "Ostiary, in Korean",
};

const titles = new Map(Array.from(routes, ([path, route]) => [route.replace(/\.md$/, ""), titleOf(path)] as const));

export const sidebar: DefaultTheme.SidebarItem[] = GROUPS.map(({ text, paths, collapsed = false }) => ({
  text,
  collapsed,
  items: paths
    .flatMap(pagesOf)
    .map((name) => ({ text: TITLES[name] ?? titles.get(name) ?? name, link: name === "index" ? "/" : `/${name}` })),
}));

function pagesOf(pattern: string): string[] {
  if (pattern === "*") {
    return Array.from(titles.keys()).filter(
      (name) => !GROUPS.some(({ paths }) => paths.some((one) => one !== "*" && isIn(one, name))),
    );
  }
  return Array.from(titles.keys()).filter((name) => isIn(pattern, name));
}

function isIn(pattern: string, name: string): boolean {
  return pattern.endsWith("/*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
