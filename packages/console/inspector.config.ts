import { createHash } from "node:crypto";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import type { Plugin } from "vite";

/**
 * The token inspector as one file, for machines without a network: script and style stand in the page, allowed by their
 * hashes, and the page is allowed to reach nothing at all.
 */
function inOneFile(): Plugin {
  return {
    name: "in-one-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      let [script, style] = ["", ""];
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === "chunk") script += file.code;
        else if (name.endsWith(".css")) style += String(file.source);
        else continue;
        delete bundle[name];
      }
      const page = Object.values(bundle).find((file) => file.fileName === "inspector.html");
      if (page?.type !== "asset") throw new Error("There is no inspector.html to put it into.");
      const [safeScript, safeStyle] = [script.replaceAll("</script", "<\\/script"), style.trim()];
      const policy =
        `default-src 'none'; script-src '${hashOf(safeScript)}'; style-src '${hashOf(safeStyle)}'; base-uri 'none'; ` +
        "form-action 'none'";
      page.source = String(page.source)
        .replace(/\s*<script [^>]*><\/script>/, "")
        .replace(/\s*<link [^>]*>/g, "")
        .replace("<head>", () => `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace("</head>", () => `  <style>${safeStyle}</style>\n  </head>`)
        .replace("</body>", () => `  <script type="module">${safeScript}</script>\n  </body>`);
    },
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), inOneFile()],
  base: "./",
  build: {
    outDir: "../server/assets/console",
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["inspector.html"] },
  },
});
