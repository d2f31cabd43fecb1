import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { configSchema } from "../../packages/server/src/config-schema.ts";
import { VARIABLES } from "../../packages/server/src/config-variables.ts";
import { PROVIDER_VARIABLES } from "../../packages/server/src/federation/provider-variables.ts";
import { GUIDE_VARIABLES } from "../../packages/server/src/guide-variables.ts";
import { docComments } from "./doc-comments.ts";
import { code, generatedFrom, page, table } from "./markdown.ts";

const SOURCE = "packages/server/src/ostiary-config.ts";
const SCHEMA = "packages/server/src/config-schema.ts";

/** Under which heading each stands, in this order. What is not named here comes last. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "The server": ["port", "issuer", "dataDir", "databaseUrl", "redisUrl", "trustProxy", "allowedOrigins"],
  "Secrets and keys": [
    "secret",
    "previousSecret",
    "signingAlgorithm",
    "keyRotation",
    "keyPublishAhead",
    "accessTokenSecret",
    "refreshTokenSecret",
  ],
  "Tokens and sessions": [
    "audience",
    "accessTokenTtl",
    "refreshTokenTtl",
    "sessionTtl",
    "rememberTtl",
    "rotationGrace",
    "sessions.bind",
    "dpopNonces",
    "scopes",
    "claims",
  ],
  "Users and passwords": [
    "passwordMinLength",
    "passwordPepper",
    "breachedPasswords",
    "users",
    "signInWith",
    "adoptSession",
    "signup.concealExisting",
    "passkeys.rpId",
    "passkeys.origins",
  ],
  Mail: ["mail.from", "mail.transport", "mail.language"],
  "Clients of OAuth": ["pushedRequests", "dynamicRegistration", "clientIdDocuments", "selfRegisteredScopes"],
  "Hosted pages": ["pages.name", "pages.logo", "pages.stylesheet"],
  "Limits and what is told": ["limits", "auditRetention", "log", "metricsToken", "onError"],
  "For tests": ["clock", "random", "dangerouslyFetchLoopback"],
};
const REST = "More";

/** Where a setting is explained. */
const MORE: Readonly<Record<string, string>> = {
  databaseUrl: "stores.md",
  redisUrl: "stores.md#redis",
  trustProxy: "configuration.md#behind-a-proxy",
  previousSecret: "keys.md#the-secret-they-are-encrypted-under",
  signingAlgorithm: "keys.md",
  keyRotation: "keys.md",
  accessTokenSecret: "keys.md#one-service-two-secrets",
  refreshTokenSecret: "keys.md#one-service-two-secrets",
  rotationGrace: "session-protocol.md",
  "sessions.bind": "configuration.md#binding-sessions",
  dpopNonces: "dpop.md#nonces",
  claims: "configuration.md#your-own-claims",
  passwordPepper: "security.md#passwords",
  users: "own-users.md",
  signInWith: "sign-in-with.md",
  adoptSession: "migration/from-other-libraries.md#3-people-who-are-signed-in",
  pushedRequests: "oauth.md#requests-ahead-of-the-user",
  dynamicRegistration: "oauth.md#clients-that-register-themselves",
  clientIdDocuments: "oauth.md#clients-whose-id-is-an-address",
  "pages.name": "pages.md#looks",
  "pages.logo": "pages.md#looks",
  "pages.stylesheet": "pages.md#looks",
  "signup.concealExisting": "mail.md#sign-up-that-tells-nobody-who-has-an-account",
  "passkeys.rpId": "second-factors.md#passkeys",
  "passkeys.origins": "second-factors.md#passkeys",
  "mail.from": "mail.md",
  "mail.transport": "mail.md",
  limits: "security.md#limits",
  metricsToken: "security.md#watching-it",
};

interface Setting {
  readonly path: string;
  readonly schema: z.core.$ZodType;
}

/**
 * Every setting with its variable, type, range and default, from the schema and its doc comments. Throws where one is
 * missing.
 */
export function configurationPage(root: string): string {
  const source = readFileSync(join(root, SOURCE), "utf8");
  const comments = docComments(SOURCE, source, "OstiaryConfig");
  for (const [name, comment] of docComments(SOURCE, source, "MailOptions")) comments.set(`mail.${name}`, comment);
  const limits = docComments(SOURCE, source, "LimitOptions");
  const settings = settingsIn(configSchema.shape);
  const unknown = [...Object.values(GROUPS).flat(), ...Object.keys(MORE)].filter((path) =>
    settings.every((one) => one.path !== path),
  );
  if (unknown.length > 0) throw new Error(`scripts/reference/configuration.ts names what is no setting: ${unknown.join(", ")}.`);

  const grouped = Object.entries(GROUPS).map(([title, paths]) => ({
    title,
    own: paths.flatMap((path) => settings.find((one) => one.path === path) ?? []),
  }));
  const rest = settings.filter(({ path }) => !Object.values(GROUPS).flat().includes(path));
  const sections = [...grouped, ...(rest.length > 0 ? [{ title: REST, own: rest }] : [])];
  return page(
    generatedFrom(SOURCE, SCHEMA, "packages/server/src/config-variables.ts"),
    "# Configuration reference",
    "Each setting by the name it has in `createOstiary({ … })` and `ostiary.config.ts`, with the variable that sets it, " +
    "if one does. " +
      "Durations are a number of seconds or a text with a unit (`90s`, `15m`, `12h`, `7d`); lists in variables are " +
      "separated by commas or spaces. " +
      "[Where settings come from, and what wins](../configuration.md).",
    table(
      ["variable", "setting"],
      settings.flatMap(({ path }) => variablesOf(path).map((name) => [name, `[${code(path)}](#${anchorOf(path)})`])),
    ),
    ...sections.flatMap(({ title, own }) => [`## ${title}`, ...own.flatMap((one) => section(one, comments, limits))]),
  );
}

function settingsIn(shape: Readonly<Record<string, z.core.$ZodType>>, prefix = ""): Setting[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const path = prefix + name;
    const inner = unwrapped(schema);
    return inner instanceof z.ZodObject ? settingsIn(inner.shape, `${path}.`) : [{ path, schema }];
  });
}

function section(
  { path, schema }: Setting,
  comments: ReadonlyMap<string, string>,
  limits: ReadonlyMap<string, string>,
): (string | string[])[] {
  const comment = comments.get(path);
  if (comment === undefined) throw new Error(`${path} has no doc comment: give it one in ${SOURCE}.`);
  const { meaning, fallback } = readComment(comment);
  const more = MORE[path] === undefined ? "" : ` [More](../${MORE[path]}).`;
  const variables = variablesOf(path).join(", ");
  return [
    `### \`${path}\``,
    `${meaning || "See below."}${more}`,
    table(["variable", "type", "default"], [[variables || "none", typeOf(schema), defaultOf(schema) ?? fallback ?? "none"]]),
    ...(path === "limits" ? [limitsTable(schema, limits)] : []),
  ];
}

/** `on`, `off`, or an object of budgets. */
function limitsTable(schema: z.core.$ZodType, comments: ReadonlyMap<string, string>): string[] {
  const union = unwrapped(schema);
  const object = union instanceof z.ZodUnion ? union.options.find((one) => one instanceof z.ZodObject) : undefined;
  const shape: Readonly<Record<string, z.core.$ZodType>> = object?.shape ?? {};
  const rows = Object.entries(shape).map(([name, one]) => {
    const { meaning, fallback } = readComment(comments.get(name) ?? "");
    return [code(name), meaning, typeOf(one), defaultOf(one) ?? fallback ?? ""];
  });
  return table(["in code also", "what it is", "type", "default"], rows);
}

/** A comment says what the setting is, and in a sentence of its own what holds without it. */
function readComment(comment: string): { meaning: string; fallback?: string } {
  const match = /(?:^|(?<=[.:)] ))Default:? ((?:`[^`]*`|[^.;`]|\.(?=\S))+)(?:; ([^.]+))?\./.exec(comment);
  if (match === null) return { meaning: comment };
  const [sentence, fallback = "", remark] = match;
  const rest = remark === undefined ? "" : `${remark[0]?.toUpperCase() ?? ""}${remark.slice(1)}.`;
  return { meaning: comment.replace(sentence, rest).replaceAll(/ {2,}/g, " ").trim(), fallback };
}

function variablesOf(path: string): string[] {
  if (path === "signInWith") return PROVIDER_VARIABLES.map(code);
  const own = Object.entries(VARIABLES).flatMap(([name, setting]) => (setting === path ? [`OSTIARY_${name}`] : []));
  const usual = GUIDE_VARIABLES.find((one) => one.path === path)?.names ?? [];
  return [...own, ...(path === "port" ? ["PORT"] : []), ...usual].map(code);
}

function anchorOf(path: string): string {
  return path.toLowerCase().replaceAll(".", "");
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault;
  return isWrapper ? unwrapped(schema.def.innerType) : schema;
}

function typeOf(schema: z.core.$ZodType): string {
  const inner = unwrapped(schema);
  const { kind, min, max } = (z.globalRegistry.get(inner) ?? {}) as { kind?: string; min?: number; max?: number };
  if (kind === "duration") return `duration, ${inWords(min ?? 0)} to ${inWords(max ?? 0)}`;
  if (kind !== undefined) return min === undefined ? kind : `${kind}, ${min} to ${max}`;
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => code(String(option))).join(" ");
  if (inner instanceof z.ZodUnion) return "`on` `off` or an object";
  if (inner instanceof z.ZodBoolean) return "`true` or `false`";
  if (inner instanceof z.ZodString) return "text";
  if (inner instanceof z.ZodRecord) return "object";
  if (inner instanceof z.ZodArray) return "list";
  return inner instanceof z.ZodPipe ? typeOf(inner.in) : "object";
}

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
] as const;

function inWords(seconds: number): string {
  const [size, unit] = UNITS.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, "s"];
  return code(`${seconds / size}${unit}`);
}

/** As the schema has it; undefined where the comment has to say. */
function defaultOf(schema: z.core.$ZodType): string | undefined {
  if (schema instanceof z.ZodOptional) return defaultOf(schema.def.innerType);
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value: unknown = schema.def.defaultValue;
  const { kind } = (z.globalRegistry.get(unwrapped(schema)) ?? {}) as { kind?: string };
  if (kind === "duration") return inWords(Number(value));
  if (Array.isArray(value)) return value.length === 0 ? "none" : code(value.join(" "));
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isPlain ? code(String(value)) : undefined;
}
