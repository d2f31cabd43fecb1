/**
 * The doctor: what is wrong with a deployment, before it shows. Owns the questions that are asked, what the answers mean
 * and how to mend them. It changes nothing. Reading what is so is the business of whoever owns it (the stores' facts),
 * printing it that of the command line.
 *
 * Each folder looks at one part of a deployment: the configuration here, the store and the mail server it
 * names, the server that runs.
 */
import type { ClientCredentials } from "../clients/client.ts";
import { systemClock } from "../clock.ts";
import type { Settings } from "../config-schema.ts";
import { examineConfiguration } from "./configuration/examine-configuration.ts";
import { examineDeployment } from "./deployment/examine-deployment.ts";
import type { Finding } from "./finding.ts";
import { ok } from "./finding.ts";
import { developmentGuard } from "./development-guard.ts";
import { examineMail } from "./mail/examine-mail.ts";
import { examineStore } from "./store/examine-store.ts";

export interface Request {
  /** Of this machine; null where they cannot be used, or are not asked for. */
  readonly settings: Settings | null;
  /** Of the server that runs. Default: the issuer of the settings. */
  readonly url?: string | undefined;
  /** Credentials of a guard. Default: those that `ostiary start` has kept for development. */
  readonly guard?: ClientCredentials | undefined;
  /** Nothing but the store. */
  readonly storeOnly?: boolean;
}

/**
 * Looks at the configuration, the store, the mail server and the running server. Where `url` is of another server than the
 * one that is configured here, only at that: nothing here is about it.
 */
export async function examine({ settings, url = settings?.issuer, guard, storeOnly = false }: Request): Promise<Finding[]> {
  if (storeOnly) return settings === null ? [] : examineStore(settings);
  if (url === undefined) return [];
  const own = settings?.issuer === url ? settings : null;
  const elsewhere =
    settings === null
      ? []
      : [ok("configuration.issuer", `The configuration here is of ${settings.issuer}: it was not looked at.`)];
  const [store, mail, deployment] = await Promise.all([
    own === null ? [] : examineStore(own),
    own === null ? [] : examineMail(own),
    examineDeployment({
      issuer: url,
      publishAheadSeconds: own?.keyPublishAhead ?? null,
      guard: guard ?? (own === null ? null : developmentGuard(own)),
      expected: own === null,
      clock: settings?.clock ?? systemClock,
    }),
  ]);
  return [...(own === null ? elsewhere : examineConfiguration(own)), ...store, ...mail, ...deployment];
}
