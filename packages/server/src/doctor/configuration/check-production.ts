import { isLoopback } from "@ostiary/guard/embedded";
import type { Settings } from "../../config-schema.ts";
import { UNSAID_PROXIES } from "../../http/client-address.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

const MEMORY = "sqlite::memory:";

/** Whether what is meant for trying things out is still there where people sign in. */
export function checkProduction({ production, issuer, databaseUrl, limits, trustProxy }: Settings): Finding[] {
  const isPublic = production || !isLoopback(new URL(issuer));
  return [
    production || !isPublic
      ? ok(
          "configuration.production",
          production ? "NODE_ENV=production: unsafe settings are refused." : "It is for development: the issuer is this machine.",
        )
      : warning(
          "configuration.production",
          "Others can reach the issuer, and unsafe settings are not refused.",
          "set NODE_ENV=production",
        ),
    ...(databaseUrl === MEMORY && isPublic
      ? [
          error(
            "configuration.database",
            "The database is in memory: every restart forgets all users and keys.",
            "set OSTIARY_DATABASE_URL",
          ),
        ]
      : []),
    ...(trustProxy === undefined && isPublic
      ? [warning("configuration.trust_proxy", UNSAID_PROXIES.message, UNSAID_PROXIES.mend)]
      : []),
    ...(limits === "off" && isPublic
      ? [error("configuration.limits", "Limits are off: passwords can be tried without end.", "remove OSTIARY_LIMITS=off")]
      : []),
  ];
}
