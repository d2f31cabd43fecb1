/**
 * Does what the stages of a Dockerfile say, without Docker: each stage is a folder, in which `/` of the image is. What runs
 * there are this machine's programs, with the Node that runs this; so RUN has to name what is in the image by paths that
 * begin with `/`, or from its WORKDIR.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, linkSync, mkdirSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { isIgnored } from "./ignored.ts";
import type { Instruction, Stage } from "./dockerfile.ts";

/** What is started, and how. */
export interface Image {
  /** The folder that is `/` in the image. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly start: readonly string[];
  readonly health: readonly string[];
  readonly stopSignal: NodeJS.Signals;
}

export interface Build {
  readonly stages: readonly Stage[];
  /** The folder that the build is of, the files in it, and the lines of its `.dockerignore`. */
  readonly context: { readonly folder: string; readonly files: readonly string[]; readonly ignore: readonly string[] };
  /** An empty folder for the stages. */
  readonly into: string;
  /** Does what a RUN asks for in another way, and tells whether it did. Default: nothing is done in another way. */
  readonly instead?: (command: string, folder: string) => boolean;
}

/** Builds the last stage. Throws with what a command printed when it fails. */
export function buildImage(build: Build): Image {
  const roots = new Map<string | null, string>();
  let image: Image | undefined;
  for (const [index, stage] of build.stages.entries()) {
    const root = join(build.into, String(index));
    roots.set(stage.name, root);
    image = buildStage(stage, { ...build, root, roots });
  }
  if (image === undefined) throw new Error("The Dockerfile has no stage.");
  return image;
}

interface StageBuild extends Build {
  readonly root: string;
  readonly roots: ReadonlyMap<string | null, string>;
}

function buildStage({ instructions }: Stage, build: StageBuild): Image {
  const { root } = build;
  putNode(root);
  const image = {
    root,
    env: {} as Record<string, string>,
    workdir: "/",
    user: "root",
    entry: [] as readonly string[],
    command: [] as readonly string[],
    health: [] as readonly string[],
    stopSignal: "SIGTERM" as NodeJS.Signals,
  };
  for (const instruction of instructions) {
    const { keyword, text, exec, values } = instruction;
    if (keyword === "WORKDIR") mkdirSync(inImage(root, (image.workdir = text)), { recursive: true });
    else if (keyword === "ENV") Object.assign(image.env, values);
    else if (keyword === "COPY") copy(instruction, image.workdir, build);
    else if (keyword === "RUN") carryOut(text, image, build);
    else if (keyword === "USER") image.user = text;
    else if (keyword === "STOPSIGNAL") image.stopSignal = text as NodeJS.Signals;
    else if (keyword === "ENTRYPOINT") image.entry = exec ?? [];
    else if (keyword === "CMD") image.command = exec ?? [];
    else if (keyword === "HEALTHCHECK") image.health = exec ?? [];
    else if (!["ARG", "LABEL", "EXPOSE", "VOLUME"].includes(keyword))
      throw new Error(`Nobody has said yet what ${keyword} does.`);
  }
  return { ...image, start: [...image.entry, ...image.command] };
}

/** The base image, as far as it is used: its Node. */
function putNode(root: string): void {
  const node = join(root, "usr/local/bin/node");
  mkdirSync(dirname(node), { recursive: true });
  try {
    linkSync(process.execPath, node);
  } catch {
    copyFileSync(process.execPath, node);
    chmodSync(node, 0o755);
  }
}

function copy({ text, flags }: Instruction, workdir: string, { root, roots, context }: StageBuild): void {
  const words = text.split(/\s+/);
  const into = inImage(root, join(workdir, words.at(-1) ?? ""));
  const stage = flags["from"];
  if (stage !== undefined) {
    const from = roots.get(stage);
    if (from === undefined) throw new Error(`No stage is called ${stage}.`);
    for (const source of words.slice(0, -1)) cpSync(inImage(from, source), into, { recursive: true, verbatimSymlinks: true });
    return;
  }
  if (text !== ". .") throw new Error(`COPY of the whole context is all that is known, not: ${text}`);
  for (const file of context.files.filter((each) => !isIgnored(each, context.ignore))) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    copyFileSync(join(context.folder, file), join(into, file));
  }
}

function carryOut(
  command: string,
  { env, workdir }: { env: Record<string, string>; workdir: string },
  { root, instead }: StageBuild,
): void {
  const cwd = inImage(root, workdir);
  if (instead?.(command, cwd) === true) return;
  const isRoot = process.getuid?.() === 0;
  const here = command.replaceAll(/(?<=\s)\/(?=\w)/g, `${root}/`).replaceAll(isRoot ? /$^/g : / -[og] \d+/g, "");
  const path = `${join(root, "usr/local/bin")}:${process.env["PATH"] ?? ""}`;
  // Whoever runs this by npm is in another folder than the npm that is run here.
  const ours = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?:package|lifecycle|config_local_prefix)/.test(name)),
  );
  const { status, stdout, stderr } = spawnSync("sh", ["-c", here], {
    cwd,
    env: { ...ours, ...env, PATH: path },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${stdout}${stderr}`);
}

/** Where a path in the image is on this machine. */
export function inImage(root: string, path: string): string {
  return isAbsolute(path) ? join(root, path) : path;
}
