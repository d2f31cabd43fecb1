import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "./launch.ts";
import { fencedBlocks } from "./printed-blocks.ts";
import { runOstiary, startOstiary } from "./start-ostiary.ts";

const GUIDE = readFileSync(join(REPOSITORY, "docs/operations/deploying.md"), "utf8");

interface Proxy {
  readonly name: string;
  readonly binary: string;
  readonly language: string;
  /** The printed configuration, for another address and another server, as arguments of the program. */
  readonly args: (folder: string, printed: string, port: number, upstream: number) => string[];
}

const NGINX: Proxy = {
  name: "nginx",
  binary: "/usr/sbin/nginx",
  language: "nginx",
  args(folder, printed, port, upstream) {
    const site = printed
      .replace("127.0.0.1:4000", `127.0.0.1:${upstream}`)
      .replace("listen 443 ssl;", `listen ${port};`)
      .replaceAll(/^ *ssl_certificate.*\n/gm, "");
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
    const whole =
      `daemon off; pid ${folder}/pid; error_log ${folder}/log; events {} http { access_log off; ` +
      `${paths.join(" ")}\n${site}\n}\n`;
    writeFileSync(join(folder, "nginx.conf"), whole);
    return ["-c", join(folder, "nginx.conf")];
  },
};

const CADDY: Proxy = {
  name: "Caddy",
  binary: "/usr/bin/caddy",
  language: "caddy",
  args(folder, printed, port, upstream) {
    const site = printed.replace("id.example.com", `http://localhost:${port}`).replace("127.0.0.1:4000", `127.0.0.1:${upstream}`);
    writeFileSync(join(folder, "Caddyfile"), `{\n  admin off\n}\n${site}\n`);
    return ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"];
  },
};

describe("behind a proxy that is set up as printed, the doctor finds nothing wrong, the revocation feed included:", () => {
  for (const proxy of [NGINX, CADDY].filter(isThere)) {
    it(`is ${proxy.name}`, async () => {
      const [folder, port, upstream] = [temporaryFolder(), await freePort(), await freePort()];
      const [printed = ""] = fencedBlocks(GUIDE, proxy.language);
      const env = { OSTIARY_ISSUER: `http://localhost:${port}/auth`, OSTIARY_TRUST_PROXY: "loopback" };
      const server = await startOstiary({ port: upstream, env });
      mkdirSync(join(folder, "home"));
      const running = launch(proxy.binary, proxy.args(folder, printed, port, upstream), {
        cwd: folder,
        env: { HOME: join(folder, "home") },
      });
      await until(`${proxy.name} answers`, () => {
        if (running.hasEnded) throw new Error(`${proxy.name} ended: ${running.stderr}`);
        return fetch(`http://localhost:${port}/readyz`).then(({ ok }) => ok, () => false);
      });
      const said = await runOstiary(["doctor", "--json"], {
        folder: server.folder,
        env: { ...env, OSTIARY_PORT: String(upstream) },
      });
      const findings = said.trim().split("\n").map((line) => JSON.parse(line) as { id: string; level: string; message: string });
      expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
      expect(findings.map(({ id }) => id)).toEqual(
        expect.arrayContaining(["proxy.authorization", "server.cookies", "feed.reachable"]),
      );
    });
  }

  it("and both are printed", () => {
    for (const { language } of [NGINX, CADDY]) expect(fencedBlocks(GUIDE, language)).toHaveLength(1);
  });
});

/** Where it has to be there and is not, its test fails. */
function isThere({ name, binary }: Proxy): boolean {
  if (existsSync(binary) || process.env["TEST_GATEWAYS"] === "required") return true;
  process.stderr.write(`\nNOT TESTED with ${name}: it is not installed (apt-get install ${name.toLowerCase()}).\n\n`);
  return false;
}
