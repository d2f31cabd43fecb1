/** The verifiers in docs/other-verifiers.md, started as they are printed but for addresses and file names. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "../launch.ts";
import type { Launched } from "../launch.ts";
import { openHttpsFront } from "../next/https-front.ts";
import type { HttpsFront } from "../next/https-front.ts";
import { fencedBlocks } from "../printed-blocks.ts";

const APACHE = "/usr/sbin/apache2";
const APACHE_MODULES = "/usr/lib/apache2/modules";
/** Where Debian puts libraries for Go. Its versions have no number in their import paths. */
const GO_PATH = "/usr/share/gocode";

/** Debian's, where another one stands before it in the path. */
const PYTHON = ["python3", "/usr/bin/python3"].find((name) => runs(name, "-c", "import jwt, cryptography"));

export interface Verifier {
  readonly name: string;
  readonly algorithms: readonly string[];
  /** What it lets in though it should not; the page says so. No server of ours issues such tokens. */
  readonly letsIn: readonly string[];
  /** Finds new keys by itself. */
  readonly followsKeys: boolean;
  readonly aptPackages: string;
  readonly isInstalled: () => boolean;
  /** Resolves with the URL that it guards, once it answers. */
  readonly start: (issuer: Issuer) => Promise<string>;
}

export interface Issuer {
  readonly issuer: string;
  readonly algorithm: string;
  /** PEM. */
  readonly publicKey: string;
}

const page = readFileSync(join(REPOSITORY, "docs/other-verifiers.md"), "utf8");
const [haproxy = ""] = fencedBlocks(page, "haproxy");
const [authOpenidc = "", oauth2 = ""] = fencedBlocks(page, "apache");
const [goOidc = "", golangJwt = ""] = fencedBlocks(page, "go");
const [python = ""] = fencedBlocks(page, "python");

const BOTH = ["ES256", "RS256"];
export const OTHER_TYPE = "of another type";
export const FOR_EVER = "without an end";

const complete = { algorithms: BOTH, letsIn: [], followsKeys: true };

export const VERIFIERS: readonly Verifier[] = [
  {
    ...complete,
    name: "haproxy",
    followsKeys: false,
    aptPackages: "haproxy",
    isInstalled: () => runs("haproxy", "-v"),
    start: startHaproxy,
  },
  apache("mod_auth_openidc", "auth_openidc", authOpenidc, "libapache2-mod-auth-openidc", [OTHER_TYPE, FOR_EVER], behindHttps),
  apache("mod_oauth2", "oauth2", oauth2, "libapache2-mod-oauth2", [OTHER_TYPE]),
  go("go-oidc", goOidc, "github.com/coreos/go-oidc", "golang-github-coreos-go-oidc-dev", BOTH),
  go("golang-jwt", golangJwt, "github.com/golang-jwt/jwt", "golang-github-golang-jwt-jwt-dev", ["ES256"]),
  {
    ...complete,
    name: "PyJWT",
    aptPackages: "python3-jwt python3-cryptography",
    isInstalled: () => PYTHON !== undefined,
    async start({ issuer }) {
      const [folder, port] = [temporaryFolder(), await freePort()];
      writeFileSync(join(folder, "api.py"), printed(python, issuer, port));
      return untilItAnswers(port, launch(PYTHON ?? "", [join(folder, "api.py")]));
    },
  },
];

async function startHaproxy({ issuer, algorithm, publicKey }: Issuer): Promise<string> {
  const [folder, port] = [temporaryFolder(), await freePort()];
  const key = join(folder, "public.pem");
  writeFileSync(key, publicKey);
  const config = printed(haproxy, issuer, port)
    .replaceAll("/etc/haproxy/ostiary.pem", key)
    .replaceAll("ES256", algorithm)
    .replace(/server api .*/, 'http-request return status 200 content-type text/plain string "let in"');
  writeFileSync(join(folder, "haproxy.cfg"), `${config}\n`);
  return untilItAnswers(port, launch("haproxy", ["-db", "-f", join(folder, "haproxy.cfg")]));
}

const fronts: HttpsFront[] = [];

/** What the programs themselves do not end. */
export async function closeFronts(): Promise<void> {
  await Promise.all(fronts.splice(0).map((front) => front.close()));
}

/** It takes keys by https alone; of a certificate that it knows, which ours here is not. */
async function behindHttps(config: string, issuer: string): Promise<string> {
  const front = await openHttpsFront();
  fronts.push(front);
  front.target = Number(new URL(issuer).port);
  const [line = ""] = /^OIDCOAuthVerifyJwksUri .*$/m.exec(config) ?? [];
  return config.replace(line, `OIDCOAuthSSLValidateServer Off\n${line.replace(new URL(issuer).origin, front.origin)}`);
}

function apache(
  name: string,
  module: string,
  config: string,
  aptPackage: string,
  letsIn: readonly string[],
  adapt: (config: string, issuer: string) => string | Promise<string> = (as) => as,
): Verifier {
  return {
    ...complete,
    name: `Apache's ${name}`,
    letsIn,
    aptPackages: `apache2-bin ${aptPackage}`,
    isInstalled: () => existsSync(APACHE) && existsSync(`${APACHE_MODULES}/mod_${module}.so`),
    async start({ issuer }) {
      const [folder, port] = [temporaryFolder(), await freePort()];
      mkdirSync(join(folder, "www"));
      writeFileSync(join(folder, "www/hello"), "let in");
      const modules = ["mpm_event", "authn_core", "authz_core", "authz_user", module];
      const around = `
ServerRoot ${folder}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
User nobody
Group nogroup
${modules.map((each) => `LoadModule ${each}_module ${APACHE_MODULES}/mod_${each}.so`).join("\n")}
DocumentRoot ${folder}/www
`;
      writeFileSync(join(folder, "httpd.conf"), `${around}${await adapt(printed(config, issuer, port), issuer)}\n`);
      // Its workers give up the rights that made the folder.
      spawnSync("chmod", ["-R", "a+rX", folder]);
      return untilItAnswers(port, launch(APACHE, ["-D", "FOREGROUND", "-f", join(folder, "httpd.conf")], { group: true }));
    },
  };
}

function go(name: string, program: string, library: string, aptPackage: string, algorithms: readonly string[]): Verifier {
  return {
    ...complete,
    name,
    algorithms,
    aptPackages: `golang-go ${aptPackage}`,
    isInstalled: () => runs("go", "version") && existsSync(join(GO_PATH, "src", library)),
    async start({ issuer }) {
      const [folder, port] = [temporaryFolder(), await freePort()];
      const file = join(folder, "api.go");
      writeFileSync(file, printed(program, issuer, port).replace(new RegExp(`"${library}/v\\d+(?:/oidc)?"`), `"${library}"`));
      const cache = join(tmpdir(), "ostiary-go-cache");
      const env = { ...process.env, GO111MODULE: "off", GOPATH: GO_PATH, GOCACHE: cache };
      const { status, stderr } = spawnSync("go", ["build", "-o", join(folder, "api"), file], { env, encoding: "utf8" });
      if (status !== 0) throw new Error(`${name} does not compile: ${stderr}`);
      return untilItAnswers(port, launch(join(folder, "api"), []));
    },
  };
}

function printed(text: string, issuer: string, port: number): string {
  return text.replaceAll("https://auth.example.com/auth", issuer).replaceAll("3000", String(port));
}

async function untilItAnswers(port: number, program: Launched): Promise<string> {
  const url = `http://127.0.0.1:${port}/hello`;
  await until(`${url} answers`, () => {
    if (program.hasEnded) throw new Error(`It ended: ${program.stdout}${program.stderr}`);
    return fetch(url).then((answer) => answer.status > 0, () => false);
  });
  return url;
}

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}
