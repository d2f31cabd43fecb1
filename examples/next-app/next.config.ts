import type { NextConfig } from "next";

const config: NextConfig = {
  // It stays one package with files and threads of its own, not part of a bundle.
  serverExternalPackages: ["ostiary"],
  // For the 403 of `requireRole`; see app/forbidden.tsx.
  experimental: { authInterrupts: true },
  turbopack: { root: import.meta.dirname },
};

export default config;
