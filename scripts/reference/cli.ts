import { createProgram } from "../../packages/server/src/cli/commands.ts";
import { code, generatedFrom, page, table } from "./markdown.ts";

type Command = Awaited<ReturnType<typeof createProgram>>;
type Argument = Command["registeredArguments"][number];
type Option = Command["options"][number];

/** Every command with its arguments and options, from what `--help` is made of. Throws where something is not described. */
export async function cliPage(): Promise<string> {
  const commands = leavesOf(await createProgram(), "");
  return page(
    generatedFrom("packages/server/src/cli"),
    "# Command line reference",
    "`npx ostiary <command>`; `--help` behind a command says the same. [What they are for](../cli.md), with examples.",
    table(
      ["command", "does"],
      commands.map(({ path, command }) => [
        `[${code(path)}](#${path.replaceAll(" ", "-")})`,
        described(path, command.description()),
      ]),
    ),
    ...commands.flatMap(({ path, command }) => section(path, command)),
  );
}

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

/** What can be run. A command with others below it may be one of them. */
function leavesOf(command: Command, prefix: string): Leaf[] {
  return command.commands.flatMap((one) => {
    const path = `${prefix}${one.name()}`;
    const below = leavesOf(one, `${path} `);
    return below.length === 0 || hasAction(one) ? [{ path, command: one }, ...below] : below;
  });
}

function hasAction(command: Command): boolean {
  return Reflect.get(command, "_actionHandler") !== null;
}

function section(path: string, command: Command): (string | string[])[] {
  const { registeredArguments: given, options } = command;
  const usage = ["npx ostiary", path, ...given.map(shape), ...(options.length > 0 ? ["[options]"] : [])].join(" ");
  return [
    `## ${path}`,
    described(path, command.description()),
    ["```text", usage, "```"],
    table(
      ["argument", "is"],
      given.map((one) => [code(one.name()), described(`${path} <${one.name()}>`, one.description)]),
    ),
    table(
      ["option", "does"],
      options.map((one) => [code(one.flags), described(`${path} ${one.flags}`, one.description) + valuesOf(one)]),
    ),
    helpAfter(command),
  ];
}

function shape(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function valuesOf({ argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? "" : `: ${argChoices.map(code).join(", ")}`;
  const isTold = typeof defaultValue === "string" || typeof defaultValue === "number";
  return choices + (isTold ? ` (default ${code(String(defaultValue))})` : "");
}

/** What a command says below its help: examples, mostly. */
function helpAfter(command: Command): string[] {
  let printed = "";
  command.configureOutput({ writeOut: (text) => (printed += text) }).outputHelp();
  const lines = printed.slice(command.helpInformation().length).trim();
  return lines === "" ? [] : ["```text", lines, "```"];
}

function described(what: string, text: string): string {
  if (text === "") throw new Error(`${what} has no description: give it one in packages/server/src/cli.`);
  return text;
}
