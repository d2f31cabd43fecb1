import type { MarkdownRenderer } from "vitepress";

/**
 * Pictures that are written as HTML, for light and dark, are found beside their page like any other: what makes the site
 * wants `./` for that.
 */
export function findPictures(md: MarkdownRenderer): void {
  for (const name of ["html_block", "html_inline"] as const) {
    const usual = md.renderer.rules[name];
    md.renderer.rules[name] = (...args) => (usual?.(...args) ?? "").replaceAll(/ (src|srcset)="(?![a-z]+:|[./])/g, ' $1="./');
  }
}
