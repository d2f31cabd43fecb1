import { createAuthClient } from "@ostiary/client";

/** The server says where the console stands: one below its issuer. */
const here = new URL(document.baseURI);

/** The path of the console, without a slash at its end. */
export const base = here.pathname.replace(/\/+$/, "");

/** The URL of the auth server. */
export const issuer = new URL("..", here).href.replace(/\/+$/, "");

export const auth = createAuthClient({ issuer });
