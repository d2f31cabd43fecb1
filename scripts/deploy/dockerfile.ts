/** A Dockerfile, as far as its rules and its stages have to be known. Pure. */
import { DockerfileParser } from "dockerfile-ast";
import type {
  Healthcheck,
  Instruction as Parsed,
  JSONInstruction,
  ModifiableInstruction,
  PropertyInstruction,
} from "dockerfile-ast";

export interface Stage {
  /** As in `FROM … AS build`. */
  readonly name: string | null;
  /** What it starts from. */
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

export interface Instruction {
  readonly keyword: string;
  /** What follows the keyword and its flags; of HEALTHCHECK what follows CMD. */
  readonly text: string;
  /** Its words in exec form, `["node", "main.js"]`; null in any other. */
  readonly exec: readonly string[] | null;
  /** `--from=build` as `{ from: "build" }`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Of ENV, ARG and LABEL. */
  readonly values: Readonly<Record<string, string>>;
}

export function parseDockerfile(text: string): Stage[] {
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const parsed of DockerfileParser.parse(text).getInstructions()) {
    if (parsed.getKeyword() === "FROM") {
      const [image = "", , name = null] = parsed.getArguments().map((argument) => argument.getValue());
      stages.push({ name, image, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instructionOf(parsed));
    }
  }
  return stages;
}

function instructionOf(parsed: Parsed): Instruction {
  const keyword = parsed.getKeyword();
  const flags = "getFlags" in parsed ? (parsed as ModifiableInstruction).getFlags() : [];
  const properties = "getProperties" in parsed ? (parsed as PropertyInstruction).getProperties() : [];
  const strings = "getJSONStrings" in parsed ? (parsed as JSONInstruction).getJSONStrings() : [];
  const raw = (parsed.getRawArgumentsContent() ?? "").replace(/^(?:--\S+\s+(?:\\\n\s*)?)+/, "");
  const text = keyword === "HEALTHCHECK" ? raw.replace(/^CMD\s+/, "") : raw;
  const inHealthcheck = keyword === "HEALTHCHECK" && (parsed as Healthcheck).getSubcommand()?.getValue() === "CMD";
  return {
    keyword,
    text,
    exec: inHealthcheck ? jsonIn(text) : strings.length === 0 ? null : strings.map((each) => each.getJSONValue()),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""])),
    values: Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? ""])),
  };
}

function jsonIn(text: string): string[] | null {
  try {
    return JSON.parse(text) as string[];
  } catch {
    return null;
  }
}
