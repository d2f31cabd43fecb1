/**
 * Configuration: from `ostiary.config.ts` or the call to `createOstiary`, and from OSTIARY_* variables.
 * Owns names, defaults and limits of every setting; the only reader of the environment. All problems are told at once.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { messageOf, StartError } from "./errors.ts";
import { describeProblems } from "./config-problems.ts";
import { configSchema } from "./config-schema.ts";
import type { Settings } from "./config-schema.ts";
import { isRecord, variablesOf } from "./config-variables.ts";
import type { Environment } from "./config-variables.ts";
import { providersIn } from "./federation/provider-variables.ts";
import { UNSAID_PROXIES } from "./http/client-address.ts";
import { keyDefaults, keyProblems } from "./key-settings.ts";
import type { SignInProvider } from "./federation/provider.ts";
import type { OstiaryConfig } from "./ostiary-config.ts";
import { passkeyProblems, passkeySettings } from "./second-factors/passkey-settings.ts";

/** What is usual elsewhere, in seconds. */
const LIFE_OF_OLD_TOKENS = 30 * 86_400;

/** The process's environment, above what a `.env` file in the working directory says. */
export function readEnvironment(): Environment {
  try {
    return { ...parseEnv(readFileSync(".env", "utf8")), ...process.env };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return process.env;
    const why = messageOf(error);
    throw new StartError(`The file .env cannot be read (${why}): check it, or move it away.`, { cause: error });
  }
}

/** Where settings come from; what stands first wins. */
export interface ConfigSources {
  /** The call to `createOstiary`. */
  readonly inCode?: OstiaryConfig;
  readonly environment: Environment;
  /** `ostiary.config.ts`. */
  readonly inFile?: OstiaryConfig;
}

/** The settings in force. Throws a StartError that lists every problem with its mend. */
export function resolveSettings({ inCode = {}, environment, inFile = {} }: ConfigSources): Settings {
  const code = withoutUndefined(inCode);
  const algorithm = inCode.signingAlgorithm ?? environment["OSTIARY_SIGNING_ALGORITHM"] ?? inFile.signingAlgorithm;
  const variables = variablesOf(environment, algorithm);
  const given = merge(merge(withoutUndefined(inFile), variables.settings), code);
  const nameOf = (path: string): string => (isGiven(code, path) ? path : (variables.names.get(path) ?? path));

  const { providers, problems: halves } = providersIn(environment);
  if (providers.length > 0) given["signInWith"] = withProviders(given["signInWith"], providers);

  const parsed = configSchema.safeParse(given);
  const problems = parsed.success ? [] : describeProblems(parsed.error, nameOf);
  problems.push(...halves);
  problems.push(...variables.unknown.map((name) => `${name} is not a setting of this version.`));
  if (problems.length > 0 || !parsed.success) throw startError(problems);

  if (parsed.data.users !== undefined && parsed.data.signInWith.length > 0) throw startError([OWN_TABLE]);

  const production = environment["NODE_ENV"] === "production";
  const settings = withDefaults(parsed.data, production);
  const unsafe = [...keyProblems(settings, nameOf), ...passkeyProblems(settings, nameOf)];
  if (production) unsafe.push(...unsafeInProduction(settings));
  if (unsafe.length > 0) throw startError(unsafe);
  return settings;
}

/** A person and their first way in belong into one transaction; half of that would be an account that nobody gets into. */
const OWN_TABLE =
  "signInWith does not go with users in a table of your own: leave one of them out. " +
  "A person would be made there and their identity here, and what fails in between would lock them out.";

/** What is configured under the same id stays as it is. */
function withProviders(configured: unknown, added: readonly SignInProvider[]): unknown {
  if (configured !== undefined && !Array.isArray(configured)) return configured;
  const own: readonly unknown[] = configured ?? [];
  const isThere = ({ id }: SignInProvider): boolean => own.some((one) => isRecord(one) && one["id"] === id);
  return [...own, ...added.filter((provider) => !isThere(provider))];
}

function withDefaults(config: z.output<typeof configSchema>, production: boolean): Settings {
  const port = config.port;
  const issuer = config.issuer ?? `http://localhost:${port}/auth`;
  const { protocol, origin, pathname } = new URL(issuer);
  const path = pathname === "/" ? "" : pathname;
  const allowedOrigins = [...new Set([origin, ...config.allowedOrigins])];
  return {
    ...config,
    issuer,
    issuerPath: path,
    secure: protocol === "https:",
    databaseUrl: config.databaseUrl ?? `sqlite:${join(config.dataDir, "ostiary.db")}`,
    audience: config.audience ?? [issuer],
    ...keyDefaults(config),
    allowedOrigins,
    passkeys: passkeySettings(config.passkeys, new URL(issuer).hostname, allowedOrigins),
    production,
  };
}

function unsafeInProduction(settings: Settings): string[] {
  const problems: string[] = [];
  if (settings.secret === undefined) {
    problems.push("OSTIARY_SECRET is missing: set it to the output of `npx ostiary secret`, and keep it.");
  }
  if (!settings.secure) problems.push(`OSTIARY_ISSUER must be an https URL in production, not ${settings.issuer}.`);
  if (settings.limits === "off") problems.push("OSTIARY_LIMITS=off is for tests: remove it in production.");
  if (settings.dangerouslyFetchLoopback) problems.push("dangerouslyFetchLoopback is for tests: remove it in production.");
  return problems;
}

const FORGETFUL_ADOPTION =
  "adoptSession refuses whoever has signed out everywhere, as long as the audit knows of it, and it is kept for less than " +
  "30 days. To mend it: let OSTIARY_AUDIT_RETENTION be longer than tokens of the earlier system live.";

/** What does no harm to a server that is tried out, and may be meant in production: a sentence each. */
export function startWarnings({ production, trustProxy, adoptSession, auditRetention }: Settings): string[] {
  const warnings: string[] = [];
  if (production && trustProxy === undefined) warnings.push(`${UNSAID_PROXIES.message} To mend it: ${UNSAID_PROXIES.mend}.`);
  if (adoptSession !== undefined && auditRetention < LIFE_OF_OLD_TOKENS) {
    warnings.push(FORGETFUL_ADOPTION);
  }
  return warnings;
}

/** `over` wins; of these each member by itself. */
const MERGED = ["sessions", "signup", "mail", "passkeys"] as const;

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...under, ...over };
  for (const name of MERGED) {
    const [below, above] = [under[name], over[name]];
    if (isRecord(below) && isRecord(above)) merged[name] = { ...below, ...withoutUndefined(above) };
  }
  return merged;
}

function isGiven(config: Record<string, unknown>, path: string): boolean {
  const [key = "", member] = path.split(".");
  const value = config[key];
  return key in config && (member === undefined || !isRecord(value) || member in value);
}

function withoutUndefined(config: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]: [string, unknown]) => value !== undefined));
}

function startError(problems: string[]): StartError {
  const list = problems.map((problem) => `  - ${problem}`).join("\n");
  return new StartError(`The configuration cannot be used:\n${list}`, { problems });
}
