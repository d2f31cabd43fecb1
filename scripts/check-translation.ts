/**
 * The README in another language says what the README says: the same headings, code, commands and pictures, links to the same
 * places, and the same numbers in its tables. Whether its sentences are right, only a reader can tell.
 */
import { readFileSync } from "node:fs";

import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";

import { report } from "./report.ts";
import type { Problem } from "./report.ts";

const ORIGINAL = "README.md";
const TRANSLATION = "README.ko.md";

const KINDS = ["headings", "code", "links, pictures and commands", "numbers in tables"] as const;

interface Part {
  readonly kind: (typeof KINDS)[number];
  readonly text: string;
  readonly line: number;
}

const markdown = new MarkdownIt();

/** The first difference of each kind: what comes after one is often only shifted by it. */
export function translationProblems(original: string, translation: string): Problem[] {
  const [theirs, ours] = [partsOf(original), partsOf(translation)];
  return KINDS.flatMap((kind) => {
    const wanted = theirs.filter((part) => part.kind === kind);
    const found = ours.filter((part) => part.kind === kind);
    const longer = wanted.length > found.length ? wanted : found;
    const at = longer.findIndex((_, index) => wanted[index]?.text !== found[index]?.text);
    if (at === -1) return [];
    const problem = `${kind}: ${shown(found[at])}, where ${ORIGINAL} has ${shown(wanted[at])}`;
    return [{ file: TRANSLATION, line: (found[at] ?? found.at(-1))?.line ?? 1, problem }];
  });
}

function partsOf(document: string): Part[] {
  const parts: Part[] = [];
  let line = 1;
  let isCell = false;
  for (const token of markdown.parse(document, {})) {
    // A cell has no line of its own, its row has.
    if (token.map !== null) line = token.map[0] + 1;
    if (token.type === "td_open" || token.type === "td_close") isCell = token.type === "td_open";
    if (token.type === "heading_open") parts.push({ kind: "headings", text: token.tag, line });
    if (token.type === "fence") parts.push(...linesOf(token, line));
    if (token.type !== "inline") continue;
    const texts = (token.children ?? []).map(languageless).filter((text) => text !== undefined);
    if (texts.length > 0) parts.push({ kind: "links, pictures and commands", text: inNoOrder(texts), line });
    if (isCell) parts.push({ kind: "numbers in tables", text: inNoOrder(numbersIn(token)), line });
  }
  return parts;
}

/** With the fences: without them two blocks would be as good as one. */
function linesOf({ info, content, markup }: Token, first: number): Part[] {
  const lines = `${markup}${info}\n${content}${markup}`.split("\n");
  return lines.map((text, index) => ({ kind: "code", text, line: first + index }));
}

/** What of a sentence is the same in any language. Each README leads to the other. */
function languageless(token: Token): string | undefined {
  if (token.type === "code_inline") return `\`${token.content}\``;
  const attribute = { link_open: "href", image: "src" }[token.type];
  const target = attribute === undefined ? undefined : String(token.attrGet(attribute));
  return target === ORIGINAL || target === TRANSLATION ? "the other language" : target;
}

/** Also what a number will be put in the place of. */
function numbersIn({ children }: Token): string[] {
  const text = (children ?? []).map(({ type, content }) => (type === "text" ? content : " ")).join("");
  return text.match(/\{\{\w+\}\}|\d+(?:[.,]\d+)*/g) ?? [];
}

/** The order of words is each language's own. */
function inNoOrder(texts: readonly string[]): string {
  return texts.toSorted().join(" ");
}

function shown(part: Part | undefined): string {
  if (part === undefined) return "no more";
  return part.text === "" ? "none" : part.text;
}

if (import.meta.main) report(translationProblems(readFileSync(ORIGINAL, "utf8"), readFileSync(TRANSLATION, "utf8")));
