import { randomBytes } from "node:crypto";
import { endpointsOf, resolved, typeOf } from "../../packages/console/src/reference/openapi.ts";
import type { Document, Endpoint, Operation, Schema } from "../../packages/console/src/reference/openapi.ts";
import { ERROR_STATUS } from "../../packages/protocol/src/errors.ts";
import { createOstiary } from "../../packages/server/src/index.ts";
import { code, generatedFrom, page, table } from "./markdown.ts";

const ISSUER = "http://localhost:4000/auth";

/** Every endpoint, from the OpenAPI document that the server gives of itself. */
export async function httpPage(): Promise<string> {
  const document = await openapiDocument();
  const groups = endpointsOf(document);
  return page(
    generatedFrom("the OpenAPI document at /openapi.json"),
    "# HTTP reference",
    `Below the issuer URL, \`${ISSUER}\` by default, but for what is marked *at the root*. The server describes itself in ` +
    "OpenAPI 3.1 at " +
      "`/openapi.json`, and for people at `/docs`. [Cookies, CORS and where tokens go](../http-api.md); [errors](errors.md).",
    ...groups.flatMap(([name, endpoints]) => [
      `## ${name}`,
      table(
        ["call", "does"],
        endpoints.map((one) => [`[${code(titleOf(one))}](#${anchorOf(one)})`, one.operation.summary ?? ""]),
      ),
      ...endpoints.flatMap((endpoint) => section(endpoint, document)),
    ]),
  );
}

async function openapiDocument(): Promise<Document> {
  const ostiary = await createOstiary({
    issuer: ISSUER,
    databaseUrl: "sqlite::memory:",
    secret: randomBytes(32).toString("hex"),
  });
  try {
    return (await (await ostiary.fetch(new Request(`${ISSUER}/openapi.json`))).json()) as Document;
  } finally {
    await ostiary.close();
  }
}

const titleOf = ({ method, path }: Endpoint): string => `${method} ${path}`;

function anchorOf(endpoint: Endpoint): string {
  return titleOf(endpoint).toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-");
}

function section(endpoint: Endpoint, document: Document): (string | string[])[] {
  const { operation, path } = endpoint;
  const atRoot = "servers" in (document.paths[path] ?? {});
  const summary = `${operation.summary ?? ""}${/[.?]$/.test(operation.summary ?? "") ? "" : "."}`;
  const [type, body] = contentOf(operation.requestBody?.content);
  const media = type === "application/x-www-form-urlencoded" ? "form" : "JSON";
  return [
    `### ${titleOf(endpoint)}`,
    [summary, operation.description ?? "", atRoot ? "*At the root.*" : ""].filter(Boolean).join(" "),
    proofOf(operation),
    table(
      ["parameter", "in", "type", "is"],
      (operation.parameters ?? []).map((one) => [
        code(one.name) + (one.required === true ? "" : "?"),
        one.in,
        typeInWords(one.schema ?? {}, document),
        one.description ?? one.schema?.description ?? "",
      ]),
    ),
    table([`in the body (${media})`, "type", "is"], fieldsOf(body, document)),
    ...answersOf(operation, document),
  ];
}

const PROOFS: Readonly<Record<string, string>> = {
  bearer: "an access token",
  client: "a client's id and secret",
  refreshCookie: "the refresh cookie, with `X-CSRF-Token`",
  registration: "a registration's token",
  metrics: "the token of the configuration",
};

function proofOf({ security = [] }: Operation): string {
  const ways = security.flatMap((one) => Object.keys(one)).map((name) => PROOFS[name] ?? name);
  if (ways.length === 0) return "";
  const isOptional = security.some((one) => Object.keys(one).length === 0);
  return `Takes ${ways.join(", or ")}${isOptional ? ", or none of these: see above" : ""}.`;
}

function answersOf(operation: Operation, document: Document): (string | string[])[] {
  const answers = Object.entries(operation.responses ?? {});
  const rows = answers.map(([status, { description = "" }]) => [status, linkErrors(description)]);
  const [, body] = contentOf(answers.find(([status]) => status.startsWith("2"))?.[1].content);
  return [table(["status", "answer"], rows), table(["in the answer", "type", "is"], fieldsOf(body, document))];
}

function linkErrors(description: string): string {
  return description.replaceAll(/`(\w+)`/g, (text, word: string) =>
    word in ERROR_STATUS ? `[${text}](../errors/${word}.md)` : text,
  );
}

function contentOf(content: NonNullable<Operation["requestBody"]>["content"]): [string, Schema | undefined] {
  const [type = "", { schema } = {}] = Object.entries(content ?? {})[0] ?? [];
  return [type, schema];
}

/** A row for each member; of objects and lists of objects within, too. */
function fieldsOf(given: Schema | undefined, document: Document, prefix = ""): string[][] {
  if (given === undefined) return [];
  const schema = objectIn(given, document);
  return Object.entries(schema?.properties ?? {}).flatMap(([name, one]) => {
    const isNeeded = schema?.required?.includes(name) === true;
    const isList = resolved(one, document).type === "array";
    const path = `${prefix}${name}`;
    const row = [code(path) + (isNeeded ? "" : "?"), typeInWords(one, document), one.description ?? ""];
    return [row, ...fieldsOf(one, document, `${path}${isList ? "[]" : ""}.`)];
  });
}

/** The object that a member is, may be, or lists. */
function objectIn(given: Schema, document: Document): Schema | undefined {
  const schema = resolved(given, document);
  if (schema.properties !== undefined) return schema;
  const within = [...(schema.items === undefined ? [] : [schema.items]), ...(schema.anyOf ?? schema.oneOf ?? [])];
  return within.map((one) => objectIn(one, document)).find((one) => one !== undefined);
}

function typeInWords(given: Schema, document: Document): string {
  const schema = resolved(given, document);
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return either.map((one) => typeInWords(one, document)).join(" or ");
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(", ");
  if (schema.type === "array") return `list of ${schema.items === undefined ? "anything" : typeInWords(schema.items, document)}`;
  return typeOf(schema).replaceAll(" | ", " or ") + limitsOf(schema as Limited);
}

interface Limited {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

function limitsOf({ minLength, maxLength, minimum, maximum }: Limited): string {
  const isSafe = (value: number | undefined): value is number => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (maxLength !== undefined) return `, ${minLength ?? 0} to ${maxLength} characters`;
  if (isSafe(minimum) && isSafe(maximum)) return `, ${minimum} to ${maximum}`;
  return isSafe(minimum) ? `, from ${minimum}` : "";
}
