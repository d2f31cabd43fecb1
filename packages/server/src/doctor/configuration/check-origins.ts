import type { Settings } from "../../config-schema.ts";
import { ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** Cookies are SameSite=Strict: an app on another site never gets them, whatever origins are allowed. */
export function checkOrigins({ issuer, allowedOrigins }: Settings): Finding[] {
  const id = "configuration.origins";
  const strangers = allowedOrigins.filter((origin) => siteOf(origin) !== siteOf(issuer));
  if (strangers.length === 0) return [ok(id, "Browser apps of every allowed origin get the cookies.")];
  const message = `Browsers send no cookies from ${strangers.join(", ")} to ${issuer}: it is another site (or http beside https).`;
  return [warning(id, message, "serve both below one domain and over https, or use code + PKCE there")];
}

/** Without a list of public suffixes: two labels. It takes a few sites for one, and never one for two. */
function siteOf(url: string): string {
  const { protocol, hostname } = new URL(url);
  const isAddress = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
  return `${protocol}//${isAddress ? hostname : hostname.split(".").slice(-2).join(".")}`;
}
