/**
 * Reads one source file for the import check: what it imports, in every form the language has for it, and where it
 * reads the environment. Judging is done by the caller.
 */
import { readFileSync } from "node:fs";

import { parseSync, Visitor } from "oxc-parser";
import type { Argument, Expression, ImportDeclarationSpecifier, MemberExpression } from "oxc-parser";

export interface ImportReference {
  /** What stands between the quotes, or `undefined` when it is computed and cannot be known. */
  specifier: string | undefined;
  typeOnly: boolean;
  line: number;
}

export interface SourceModule {
  imports: ImportReference[];
  /** The lines that read `process.env` or load a `.env` file. */
  environmentReads: number[];
}

const ENVIRONMENT = new Set(["env", "loadEnvFile"]);
const PROCESS_MODULES = new Set(["process", "node:process"]);

/** Parses a file. Throws when it is not valid TypeScript. */
export function readModule(path: string): SourceModule {
  const text = readFileSync(path, "utf8");
  const { program, errors } = parseSync(path, text);
  const fault = errors[0];
  if (fault !== undefined) throw new Error(`${path} cannot be parsed: ${fault.message}`);

  const imports: ImportReference[] = [];
  const environmentReads: number[] = [];
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const add = (specifier: string | undefined, typeOnly: boolean, offset: number) =>
    imports.push({ specifier, typeOnly, line: lineOf(offset) });
  const readsEnvironment = (offset: number) => environmentReads.push(lineOf(offset));

  new Visitor({
    ImportDeclaration(node) {
      add(node.source.value, node.importKind === "type" || allTypes(node.specifiers), node.start);
      if (PROCESS_MODULES.has(node.source.value) && node.specifiers.some(exposesEnvironment)) {
        readsEnvironment(node.start);
      }
    },
    ExportNamedDeclaration(node) {
      if (node.source === null) return;
      const typeOnly = node.specifiers.length > 0 && node.specifiers.every((item) => item.exportKind === "type");
      add(node.source.value, node.exportKind === "type" || typeOnly, node.start);
    },
    ExportAllDeclaration(node) {
      add(node.source.value, node.exportKind === "type", node.start);
    },
    ImportExpression(node) {
      add(literal(node.source), false, node.start);
    },
    TSImportType(node) {
      add(node.source.value, true, node.start);
    },
    CallExpression(node) {
      if (isRequire(node.callee)) add(literal(node.arguments[0]), false, node.start);
    },
    MemberExpression(node) {
      if (isProcess(node.object) && ENVIRONMENT.has(memberName(node) ?? "")) readsEnvironment(node.start);
    },
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern" || node.init === null || !isProcess(node.init)) return;
      const taken = node.id.properties.some(
        (item) => item.type === "RestElement" || (item.key.type === "Identifier" && ENVIRONMENT.has(item.key.name)),
      );
      if (taken) readsEnvironment(node.start);
    },
  }).visit(program);

  return { imports, environmentReads };
}

function allTypes(specifiers: ImportDeclarationSpecifier[]): boolean {
  return (
    specifiers.length > 0 && specifiers.every((item) => item.type === "ImportSpecifier" && item.importKind === "type")
  );
}

/** A default or namespace import of node:process hides what is read from it, so it counts as a read. */
function exposesEnvironment(specifier: ImportDeclarationSpecifier): boolean {
  if (specifier.type !== "ImportSpecifier") return true;
  return specifier.imported.type === "Identifier" && ENVIRONMENT.has(specifier.imported.name);
}

function literal(node: Expression | Argument | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** `require("x")` and `process.getBuiltinModule("x")`. */
function isRequire(callee: Expression): boolean {
  if (callee.type === "Identifier") return callee.name === "require";
  return callee.type === "MemberExpression" && isProcess(callee.object) && memberName(callee) === "getBuiltinModule";
}

function isProcess(node: Expression): boolean {
  if (node.type === "Identifier") return node.name === "process";
  return (
    node.type === "MemberExpression" &&
    node.object.type === "Identifier" &&
    node.object.name === "globalThis" &&
    memberName(node) === "process"
  );
}

function memberName(node: MemberExpression): string | undefined {
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return literal(node.property);
}
