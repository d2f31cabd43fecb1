/**
 * The configuration: what the settings of this machine will come to, beyond what would keep a server from starting.
 * It asks nobody: no database and no server. One file a question.
 */
import type { Settings } from "../../config-schema.ts";
import type { Finding } from "../finding.ts";
import { checkIssuer } from "./check-issuer.ts";
import { checkKeySchedule } from "./check-key-schedule.ts";
import { checkOrigins } from "./check-origins.ts";
import { checkProduction } from "./check-production.ts";
import { checkSecret } from "./check-secret.ts";

export function examineConfiguration(settings: Settings): Finding[] {
  return [
    ...checkProduction(settings),
    ...checkSecret(settings),
    ...checkIssuer(settings),
    ...checkOrigins(settings),
    ...checkKeySchedule(settings),
  ];
}
