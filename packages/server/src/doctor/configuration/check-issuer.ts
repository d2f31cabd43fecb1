import { isLoopback } from "@ostiary/guard/embedded";
import type { Settings } from "../../config-schema.ts";
import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";

export function checkIssuer({ issuer, secure }: Settings): Finding[] {
  const id = "configuration.https";
  if (secure) return [ok(id, "The issuer is https: cookies are Secure.")];
  if (isLoopback(new URL(issuer))) return [ok(id, "The issuer is http on this machine, as for development.")];
  const message = `The issuer ${issuer} is http: passwords and tokens travel readable, cookies are not Secure, and guards refuse it.`;
  return [error(id, message, "put a proxy that speaks TLS in front, and set OSTIARY_ISSUER to its https URL")];
}
