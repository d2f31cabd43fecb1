import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The pages that the server serves, into its assets. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // Where they are served depends on the issuer: addresses are relative, and the server says what to.
  base: "./",
  build: {
    outDir: "../server/assets/console",
    emptyOutDir: true,
    // A style in a data: address, or a script in the page, would have to be allowed for.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "inspect.html", "docs.html"] },
  },
});
