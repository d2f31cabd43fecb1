/**
 * Every relative link in the documentation leads somewhere: the file exists, the heading exists, the line of code
 * exists. Links to other sites are not fetched.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";

import { headingSlug } from "./heading-slug.ts";
import { report } from "./report.ts";
import type { Problem } from "./report.ts";

const documents = ["*.md", "docs/**/*.md", "deploy/*.md", "packages/*/*.md", "examples/*/*.md"];

const markdown = new MarkdownIt({ html: true });

/** Returns the broken links in the documents below `root`. */
export function checkLinks(root: string): Problem[] {
  return globSync(documents, { cwd: root })
    .toSorted()
    .flatMap((file) =>
      inlineTokens(join(root, file)).flatMap(({ token, line }) =>
        brokenIn(root, file, token).map((problem) => ({ file, line, problem })),
      ),
    );
}

function brokenIn(root: string, file: string, token: Token): string[] {
  if (token.type === "text") {
    // A reference that is defined has become a link; what still looks like one leads nowhere.
    return [...token.content.matchAll(/\[[^\]]+\]\[([^\]]*)\]/g)].map(([text]) => `${text} has no definition`);
  }
  const attribute = { link_open: "href", image: "src" }[token.type];
  const target = attribute === undefined ? null : token.attrGet(attribute);
  if (typeof target !== "string" || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return [];
  const problem = brokenLink(root, file, target);
  return problem === undefined ? [] : [`${target} ${problem}`];
}

function brokenLink(root: string, file: string, target: string): string | undefined {
  const [path = "", anchor] = target.split("#").map((part) => decodeURIComponent(part));
  // GitHub reads a leading slash as the root of the repository.
  const base = path.startsWith("/") ? root : join(root, dirname(file));
  const full = path === "" ? join(root, file) : resolve(base, path.replace(/^\/+/, ""));

  if (relative(root, full).startsWith("..")) return "leads out of the repository";
  if (!existsSync(full)) return "does not exist";
  if (anchor === undefined) return undefined;
  if (statSync(full).isDirectory()) return "is a folder, which has no anchors";
  if (full.endsWith(".md")) return anchorsOf(full).has(anchor) ? undefined : "has no such heading";

  const lines = /^L(\d+)(?:-L(\d+))?$/.exec(anchor);
  if (lines === null) return "is not a line of code (#L12 or #L12-L20)";
  const last = readFileSync(full, "utf8").trimEnd().split("\n").length;
  return Number(lines[2] ?? lines[1]) > last ? `is beyond the last line (${last})` : undefined;
}

/** The headings' anchors as GitHub makes them, and the ids written as HTML. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  const tokens = markdown.parse(readFileSync(path, "utf8"), {});
  for (const [index, token] of tokens.entries()) {
    if (token.type === "heading_open") addHeading(anchors, textOf(tokens[index + 1]));
    const html = [token, ...(token.children ?? [])].filter(
      ({ type }) => type === "html_block" || type === "html_inline",
    );
    for (const { content } of html) {
      for (const [, id] of content.matchAll(/\s(?:id|name)=["']?([^"'\s>]+)/g)) anchors.add(id ?? "");
    }
  }
  return anchors;
}

function addHeading(anchors: Set<string>, text: string): void {
  const slug = headingSlug(text);
  let anchor = slug;
  for (let repeat = 1; anchors.has(anchor); repeat += 1) anchor = `${slug}-${repeat}`;
  anchors.add(anchor);
}

function textOf(heading: Token | undefined): string {
  const parts = heading?.children ?? [];
  return parts
    .filter(({ type }) => type === "text" || type === "code_inline")
    .map(({ content }) => content)
    .join("");
}

function inlineTokens(path: string): { token: Token; line: number }[] {
  const blocks = markdown.parse(readFileSync(path, "utf8"), {});
  return blocks.flatMap(({ children, map }) =>
    (children ?? []).map((token) => ({ token, line: (map?.[0] ?? 0) + 1 })),
  );
}

if (import.meta.main) report(checkLinks(process.cwd()));
