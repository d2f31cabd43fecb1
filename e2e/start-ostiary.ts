import { join } from "node:path";
import { isReady } from "./call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "./launch.ts";
import type { Ending, Launched } from "./launch.ts";

const MAIN = join(REPOSITORY, "packages/server/src/cli/main.ts");
const EXAMPLE = join(REPOSITORY, "examples/express-api/src/main.ts");
const nodePath = process.execPath;

export interface RunningServer {
  readonly process: Launched;
  readonly port: number;
  readonly url: string;
  readonly issuer: string;
  /** The folder it was started in, which holds its `.ostiary`. */
  readonly folder: string;
  /** A kind request to end; resolves when it has. */
  stop(): Promise<Ending>;
  /** No request at all. */
  kill(): Promise<Ending>;
}

export interface StartOptions {
  readonly folder?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** `ostiary start`, answering requests; in an empty folder unless one is given. */
export async function startOstiary(options: StartOptions = {}): Promise<RunningServer> {
  const folder = options.folder ?? temporaryFolder();
  const port = options.port ?? (await freePort());
  const server = asServer(ostiary(["start"], { folder, env: { OSTIARY_PORT: String(port), ...options.env } }), port, folder);
  await untilReady(server);
  return server;
}

export async function untilReady({ process, url }: RunningServer): Promise<void> {
  await until(`the server at ${url} is ready`, () => {
    if (process.hasEnded) throw new Error(`The server did not start: ${process.stderr}`);
    return isReady(url);
  });
}

/** The example of an Express API with the auth server inside, listening. */
export async function startExample(folder = temporaryFolder()): Promise<RunningServer> {
  const port = await freePort();
  const process = launch(nodePath, [EXAMPLE], { cwd: folder, env: { PORT: String(port) } });
  await process.says(/Listening/);
  return asServer(process, port, folder);
}

export function asServer(process: Launched, port: number, folder: string): RunningServer {
  const url = `http://localhost:${port}`;
  const end = (signal: NodeJS.Signals): Promise<Ending> => {
    process.signal(signal);
    return process.ended;
  };
  return { process, port, url, issuer: `${url}/auth`, folder, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

/** `ostiary …` as a process of its own, run in `folder`. */
export function ostiary(
  args: readonly string[],
  { folder, env = {} }: { folder: string; env?: Readonly<Record<string, string>> },
): Launched {
  return launch(nodePath, [MAIN, ...args], { cwd: folder, env });
}

/** The same, run to its end: what it printed. Throws if it failed. */
export async function runOstiary(
  args: readonly string[],
  where: { folder: string; stdin?: string; env?: Readonly<Record<string, string>> },
): Promise<string> {
  const process = ostiary(args, where);
  process.end(where.stdin);
  const { code } = await process.ended;
  if (code !== 0) throw new Error(`ostiary ${args.join(" ")} ended with ${code}: ${process.stderr}`);
  return process.stdout;
}
