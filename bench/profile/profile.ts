/**
 * `npm run bench -- profile login|refresh|request [--seconds 5]`: where the time of a server goes, under load. Writes a flame
 * graph beside the plots, and V8's own profile, which other programs open as well.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withPeople } from "../apis/people.ts";
import { startApi, startLoad } from "../apis/start-api.ts";
import { flameChart } from "../plots/flame-chart.ts";
import { PALETTES } from "../plots/palette.ts";
import { toSvg } from "../plots/to-svg.ts";
import { stopAll } from "../processes/child.ts";
import type { AskProfile, Drive, Driven, Profile } from "../processes/messages.ts";
import type { Contender } from "../processes/take-turns.ts";
import { plotsFolder } from "../results/pages.ts";
import { startContenders } from "../suites/routes/contenders.ts";
import type { Route, RouteDrive } from "../suites/routes/messages.ts";
import { type Call, callTree, longest } from "./call-tree.ts";

const IN_USE = 1000;
const FUNCTIONS = 25;

const TITLES: Readonly<Record<string, string>> = {
  login: "A login",
  refresh: "A refresh",
  request: "A guarded request of an Express API, with the feed on",
  me: "GET /me",
  introspect: "POST /oauth/introspect",
  jwks: "GET /.well-known/jwks.json",
};

export async function profile(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seconds: { type: "string", default: "5" } },
  });
  for (const what of positionals.length > 0 ? positionals : ["login", "refresh", "request"]) {
    const title = TITLES[what];
    if (title === undefined) {
      console.error(`There is no profile of ${what}; there are ${Object.keys(TITLES).join(", ")}.`);
      return 2;
    }
    console.log(`${title}, ${values.seconds} seconds ...`);
    const { profile: taken, answered } = await (what === "request" ? ofRequests(Number(values.seconds)) : ofRoute(what as Route, Number(values.seconds)));
    const root = callTree(taken);
    await write(what, title, taken, root, answered);
    print(root, answered);
  }
  return 0;
}

interface Taken {
  readonly profile: Profile;
  readonly answered: number;
}

function ofRequests(seconds: number): Promise<Taken> {
  return withPeople(IN_USE, 1, async (people) => {
    const contender = await startLoad("guarded", await startApi("ostiary", people), people);
    return take(contender, { connections: 50, seconds });
  });
}

async function ofRoute(route: Route, seconds: number): Promise<Taken> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  try {
    const [server] = await startContenders(folder);
    const drive: RouteDrive = { route, connections: route === "login" ? 8 : 32, seconds };
    return await take(server, drive);
  } finally {
    await stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

/** After as long a warm-up: what runs seldom is not to be seen. */
async function take({ server, load }: Contender, drive: Drive): Promise<Taken> {
  await load.ask<Driven>(drive);
  await server.ask<null>({ profile: "start" } satisfies AskProfile);
  const { answered } = await load.ask<Driven>(drive);
  return { profile: await server.ask<Profile>({ profile: "stop" } satisfies AskProfile), answered };
}

async function write(what: string, title: string, taken: Profile, root: Call, answered: number): Promise<void> {
  const perAnswer = Math.round(root.total / answered).toLocaleString("en");
  const subtitle = `The event loop's thread, ${perAnswer} µs for one. What is wide, takes long; what hangs below was called by what is above.`;
  mkdirSync(plotsFolder, { recursive: true });
  for (const palette of PALETTES) {
    writeFileSync(join(plotsFolder, `flame-${what}-${palette.name}.svg`), await toSvg(flameChart(root, title, subtitle, palette)));
  }
  const file = join(tmpdir(), `ostiary-${what}.cpuprofile`);
  writeFileSync(file, JSON.stringify(taken));
  console.log(`docs/benchmarks/plots/flame-${what}-light.svg and -dark.svg; ${file} is for Chromium's tools and https://speedscope.app`);
}

function print(root: Call, answered: number): void {
  const share = (time: number): string => `${((100 * time) / root.total).toFixed(1).padStart(5)} %`;
  for (const { name, origin, self } of longest(root, FUNCTIONS)) {
    console.log(`${share(self)}  ${(self / answered).toFixed(1).padStart(7)} µs  ${name}${origin === "native" ? "" : ` (${origin})`}`);
  }
  console.log("");
}
