/**
 * The site: docs/ as it stands on the disk, with the READMEs and other pages it leads to. Owns what the sidebar shows and where
 * links go; what is written belongs into docs/, so that it reads as well where no site is.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { headingSlug } from "../../scripts/heading-slug.ts";
import { drawDiagrams } from "./diagrams.ts";
import { home } from "./home.ts";
import { followLinks } from "./links.ts";
import { excluded, REPOSITORY_ROOT, repositoryUrl, routes } from "./pages.ts";
import { findPictures } from "./pictures.ts";
import { sidebar } from "./sidebar.ts";
import { keepBraces } from "./verbatim.ts";

const icon = readFileSync(new URL("../../packages/server/assets/icon.svg", import.meta.url), "utf8");
const here = fileURLToPath(import.meta.url);
const iconUrl = `data:image/svg+xml,${encodeURIComponent(icon)}`;

export default defineConfig({
  title: "Ostiary",
  description: "JWT authentication for TypeScript: an auth server you embed or run, and a guard for your APIs.",
  lang: "en",
  // In a folder of a host: `DOCS_BASE=/ostiary/ npm run docs:build`.
  base: process.env["DOCS_BASE"] ?? "/",
  srcDir: REPOSITORY_ROOT,
  srcExclude: [...excluded],
  rewrites: (path) => routes.get(path) ?? path,
  outDir: "dist",
  cacheDir: "node_modules/.cache/vitepress",
  cleanUrls: true,
  // Addresses of servers that readers are to start.
  ignoreDeadLinks: [/^https?:\/\/localhost/],
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: iconUrl }],
    ["meta", { name: "theme-color", media: "(prefers-color-scheme: light)", content: "#ffffff" }],
    ["meta", { name: "theme-color", media: "(prefers-color-scheme: dark)", content: "#0f111a" }],
  ],
  transformPageData: (page) => (page.relativePath === "index.md" ? { frontmatter: home } : {}),
  vite: {
    plugins: [
      {
        // Pages are outside this folder, and what they are made with is in it.
        name: "vue-of-the-site",
        enforce: "pre",
        resolveId(source, importer, options) {
          if (!/^vue(?:\/|$)/.test(source) || importer === undefined || importer === here) return null;
          if (options.ssr === true) return { id: source, external: true };
          return this.resolve(source, here, { ...options, skipSelf: true });
        },
      },
    ],
  },
  markdown: {
    theme: { light: "github-light", dark: "github-dark-dimmed" },
    anchor: { slugify: headingSlug },
    // Paths such as /sessions/{id} mean themselves.
    attrs: { disable: true },
    languageAlias: { haproxy: "nginx", conf: "apache", caddy: "nginx" },
    config(md) {
      md.use(followLinks).use(drawDiagrams).use(keepBraces).use(findPictures);
    },
  },
  themeConfig: {
    logo: iconUrl,
    nav: [
      { text: "Tutorial", link: "/tutorial" },
      { text: "Guides", link: "/guard", activeMatch: "^/(guard|client|react|nextjs|oauth|pages)" },
      { text: "Reference", link: "/reference/configuration", activeMatch: "^/reference/" },
      { text: "Operations", link: "/operations/deploying", activeMatch: "^/operations/" },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: "local" },
    ...(repositoryUrl === undefined ? {} : { socialLinks: [{ icon: "github", link: repositoryUrl }] }),
  },
});
