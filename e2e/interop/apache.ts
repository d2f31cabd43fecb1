/** An Apache of the tests' own: one process group, a free port, nothing of the machine's configuration. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, temporaryFolder, until } from "../launch.ts";

const BINARY = "/usr/sbin/apache2";
const MODULES = "/usr/lib/apache2/modules";

export interface Apache {
  readonly url: string;
  /** What it has written into its log of errors. */
  readonly log: () => string;
}

export function hasApacheModule(name: string): boolean {
  return existsSync(BINARY) && existsSync(`${MODULES}/mod_${name}.so`);
}

/** Where it has to be there and is not, its tests fail. */
export function isThere(name: string, found: boolean, aptPackages: string): boolean {
  if (!found && process.env["TEST_GATEWAYS"] !== "required") {
    process.stderr.write(`\nNOT TESTED with ${name}: it is not installed (apt-get install ${aptPackages}).\n\n`);
    return false;
  }
  return true;
}

export async function startApache(options: { port: number; modules: readonly string[]; config: string }): Promise<Apache> {
  const { port, modules, config } = options;
  const folder = temporaryFolder();
  mkdirSync(join(folder, "www"));
  writeFileSync(join(folder, "www/index.html"), "let in");
  const whole = `
ServerRoot ${folder}
ServerName localhost
Listen ${port}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
DefaultRuntimeDir ${folder}
User nobody
Group nogroup
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n")}
DocumentRoot ${folder}/www
${config}
`;
  writeFileSync(join(folder, "httpd.conf"), whole);
  // Its workers give up the rights that made the folder.
  spawnSync("chmod", ["-R", "a+rX", folder]);
  const process = launch(BINARY, ["-D", "FOREGROUND", "-f", join(folder, "httpd.conf")], { group: true });
  const url = `http://localhost:${port}`;
  await until(`${url} answers`, () => {
    if (process.hasEnded) throw new Error(`Apache did not start: ${process.stderr}`);
    return fetch(url, { redirect: "manual" }).then(async (answer) => (await answer.text()) !== undefined, () => false);
  });
  return { url, log: () => readFileSync(join(folder, "error.log"), "utf8") };
}
