import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // One origin, and always the same, because the auth server has to know it.
  server: { port: 5173, strictPort: true },
});
