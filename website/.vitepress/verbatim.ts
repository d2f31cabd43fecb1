import type { MarkdownRenderer } from "vitepress";

/** The documents are Markdown and nothing else: double braces in them mean themselves. */
export function keepBraces(md: MarkdownRenderer): void {
  for (const name of ["text", "code_inline"] as const) {
    const usual = md.renderer.rules[name];
    md.renderer.rules[name] = (...args) => (usual?.(...args) ?? "").replaceAll("{{", "&#123;&#123;");
  }
}
