import type { MarkdownRenderer } from "vitepress";

/** A block of Mermaid, which GitHub draws by itself, is drawn by the theme. */
export function drawDiagrams(md: MarkdownRenderer): void {
  const usual = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info = "", content = "" } = tokens[index] ?? {};
    if (info.trim() === "mermaid") return `<Diagram source="${encodeURIComponent(content)}" />`;
    return usual?.(tokens, index, options, env, self) ?? "";
  };
}
