/** As much of an OpenAPI 3.1 document as is shown. */
export interface Document {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content?: Content };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface Endpoint {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const METHODS = ["get", "post", "patch", "put", "delete"];

/** The endpoints in groups, as people look for them. */
export function endpointsOf({ paths }: Document): [string, Endpoint[]][] {
  const groups = new Map<string, Endpoint[]>(
    ["Signing in", "OAuth and guards", "Administration", "Operations"].map((name) => [name, []]),
  );
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS.filter((name) => name in item)) {
      const endpoint = {
        id: `${method}${path.replace(/[^a-z0-9]+/gi, "-")}`,
        method: method.toUpperCase(),
        path,
        operation: item[method] as Operation,
      };
      groups.get(groupOf(path))?.push(endpoint);
    }
  }
  return [...groups].filter(([, all]) => all.length > 0);
}

function groupOf(path: string): string {
  if (path.startsWith("/admin")) return "Administration";
  if (path.startsWith("/oauth") || path.startsWith("/.well-known/jwks") || path === "/revocations") return "OAuth and guards";
  if (/^\/(?:healthz|readyz|metrics|openapi|\.well-known)/.test(path)) return "Operations";
  return "Signing in";
}

export function resolved(schema: Schema, { components }: Document): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : (components?.schemas?.[name] ?? schema);
}

export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return either.map(typeOf).join(" | ");
  const type = [schema.type ?? "any"].flat().join(" | ");
  return schema.format === undefined ? type : `${type}, ${schema.format}`;
}
