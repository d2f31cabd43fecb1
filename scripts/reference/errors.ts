import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_REASONS, ERROR_STATUS } from "../../packages/protocol/src/errors.ts";
import { code, generatedFrom, page, table } from "./markdown.ts";

/**
 * Every `error` with its status and reasons, from the protocol's table, with the first sentence of its own page. Throws
 * where a page is missing, says another status, or explains reasons that are not the code's.
 */
export function errorsPage(root: string): string {
  const problems: string[] = [];
  const rows = Object.entries(ERROR_STATUS).map(([error, status]) => {
    const reasons: readonly string[] = Object.entries(ERROR_REASONS).find(([name]) => name === error)?.[1] ?? [];
    const path = join(root, "docs/errors", `${error}.md`);
    if (!existsSync(path)) {
      problems.push(`docs/errors/${error}.md is missing.`);
      return [];
    }
    const text = readFileSync(path, "utf8");
    const { problem, meaning } = readPage(text, status);
    if (problem !== undefined) problems.push(`docs/errors/${error}.md ${problem}`);
    const explained = Array.from(text.matchAll(/^\| `(?!reason`)(\w+)` \|/gm), ([, reason = ""]) => reason);
    if (explained.toSorted().join() !== reasons.toSorted().join()) {
      problems.push(
        `docs/errors/${error}.md explains ${explained.join(", ")}, but the reasons are ${reasons.join(", ") || "none"}.`,
      );
    }
    return [String(status), `[${code(error)}](../errors/${error}.md)`, meaning, reasons.map(code).join(", ")];
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return page(
    generatedFrom("packages/protocol/src/errors.ts", "docs/errors"),
    "# Errors",
    "Whatever is refused is answered `{ error, reason?, error_description, field? }`, for every path and method. Programs " +
    "go by `error` and `reason`, " +
      "which stay; `error_description` is for the people who write them, and changes. [Which calls answer them](http.md).",
    table(["status", "error", "what it means", "reasons"], rows),
    "`token_stale` means: refresh and go on. `token_revoked`, `session_revoked`, `session_expired` and " +
    "`refresh_token_reused` mean: sign in again.",
  );
}

function readPage(text: string, status: number): { problem?: string; meaning: string } {
  const [, first = ""] = text.split("\n\n");
  const [, said = "", rest = ""] = /^Status (\d+)\b[^.]*\. ([\s\S]+)$/.exec(first) ?? [];
  const sentence = /^(?:RFC [^.]*(?:\.\d[^.]*)*\. )*(.+?\.)(?=\s|$)/.exec(rest.replaceAll("\n", " "))?.[1] ?? "";
  if (sentence === "" || sentence.startsWith("RFC")) {
    return { problem: "does not say what it means after its status.", meaning: "" };
  }
  if (Number(said) !== status) return { problem: `says status ${said || "nowhere"}, and it is ${status}.`, meaning: sentence };
  // Links of the page are relative to its folder, which stands beside the reference's.
  return { meaning: sentence.replaceAll(/\]\((?!\.\.|https?:|#)/g, "](../errors/") };
}
