import { createAuthClient } from "@ostiary/client";

const env = import.meta.env as { readonly VITE_ISSUER?: string };

/** The one client of the app: it does nothing before a component uses it. */
export const auth = createAuthClient({ issuer: env.VITE_ISSUER ?? "http://localhost:4000/auth" });
