import { parseSync } from "oxc-parser";
import type { TSInterfaceDeclaration, TSSignature } from "oxc-parser";

/** The doc comments of an interface's members, each as one line, by name; of nested ones as `outer.inner`. */
export function docComments(file: string, source: string, name: string): Map<string, string> {
  const { program, comments } = parseSync(file, source);
  const found = program.body
    .map((statement) => (statement.type === "ExportNamedDeclaration" ? statement.declaration : statement))
    .find((one): one is TSInterfaceDeclaration => one?.type === "TSInterfaceDeclaration" && one.id.name === name);
  if (found === undefined) throw new Error(`${file} has no interface ${name}.`);
  const texts = new Map<string, string>();
  collect(found.body.body, "");
  return texts;

  function collect(members: readonly TSSignature[], prefix: string): void {
    for (const member of members) {
      if (member.type !== "TSPropertySignature" || member.key.type !== "Identifier") continue;
      const path = prefix + member.key.name;
      const comment = comments.findLast(({ type, end }) => type === "Block" && end <= member.start);
      if (comment !== undefined && source.slice(comment.end, member.start).trim() === "") texts.set(path, asLine(comment.value));
      const type = member.typeAnnotation?.typeAnnotation;
      const options = type?.type === "TSUnionType" ? type.types : [type];
      for (const option of options) if (option?.type === "TSTypeLiteral") collect(option.members, `${path}.`);
    }
  }
}

function asLine(comment: string): string {
  return comment.replace(/^\*/, "").replaceAll(/^\s*\* ?/gm, "").replaceAll(/\s+/g, " ").trim();
}
