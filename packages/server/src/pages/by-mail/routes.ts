import type { PageRoute } from "../page-route.ts";
import { forgotPasswordRoutes } from "./forgot-password.ts";
import { linkRoutes } from "./link-routes.ts";

/** The pages that mails lead to, and the one that asks for the first of them. None but a button does anything: mail scanners open links. */
export const byMailRoutes: readonly PageRoute[] = [...forgotPasswordRoutes, ...linkRoutes];
