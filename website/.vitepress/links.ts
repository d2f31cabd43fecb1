import { existsSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { REPOSITORY_ROOT, repositoryUrl, routes } from "./pages.ts";

/**
 * Links of the documents lead from file to file. Here they lead to pages; to the repository where a file is no page, or, if
 * nobody has said where that is, nowhere, with the path as their title. Throws for a file that does not exist.
 */
export function followLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("follow_links", ({ tokens, env }) => {
    const { path, realPath = path } = env as { path: string; realPath?: string };
    const file = relative(REPOSITORY_ROOT, realPath);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href === null || /^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(href)) continue;
      const target = targetOf(file, href);
      if (target.url !== undefined) {
        token.attrSet("href", target.url);
      } else {
        token.tag = "span";
        token.attrs = [["class", "source"], ["title", target.path]];
        const end = tokens
          .flatMap(({ children }) => children ?? [])
          .find((one) => one.type === "link_close" && one.tag === "a" && isAfter(tokens, token, one));
        if (end !== undefined) end.tag = "span";
      }
    }
  });
}

function isAfter(tokens: readonly { children: readonly unknown[] | null }[], first: unknown, second: unknown): boolean {
  return tokens.some(
    ({ children }) => children !== null && children.includes(first) && children.indexOf(second) > children.indexOf(first),
  );
}

function targetOf(file: string, href: string): { path: string; url?: string } {
  const [given = "", anchor] = href.split("#");
  const linked = decodeURIComponent(given);
  // GitHub reads a leading slash as the root of the repository.
  const path = linked.startsWith("/") ? linked.slice(1) : posix.normalize(posix.join(dirname(file), linked)).replace(/\/$/, "");
  if (!existsSync(join(REPOSITORY_ROOT, path))) throw new Error(`${file}: ${href} does not exist`);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const route = routes.get(path) ?? routes.get(`${path}/README.md`);
  if (route !== undefined) return { path, url: `/${route.replace(/(?:^|(?<=\/))index\.md$|\.md$/, "")}${hash}` };
  return repositoryUrl === undefined ? { path } : { path, url: `${repositoryUrl}/blob/main/${path}${hash}` };
}
