import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // One origin, and always the same, because the auth server has to know it.
  // The app that signs in with the password itself, and the one that leaves for the auth server's pages.
  build: { rolldownOptions: { input: ["index.html", "redirect.html"] } },
  server: { port: 5173, strictPort: true },
});
