/** An auth server for the suite, started as people start it, with credentials for guards. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Child, freePort, startChild, untilAnswered } from "../../processes/child.ts";

const MAIN = join(import.meta.dirname, "../../../packages/server/src/cli/main.ts");
const PASSWORD = "correct horse battery staple";

export interface AuthServer {
  readonly issuer: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly databaseUrl: string;
  /** A guard in a process of its own, connected. */
  startGuard(): Promise<Child>;
  signUp(email: string): Promise<{ readonly accessToken: string; readonly refreshToken: string }>;
  stop(): Promise<void>;
}

export async function startAuthServer(folder: string): Promise<AuthServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/auth`;
  const databaseUrl = `sqlite:${join(folder, "ostiary.db")}`;
  const env = {
    OSTIARY_PORT: String(port),
    OSTIARY_ISSUER: issuer,
    OSTIARY_DATABASE_URL: databaseUrl,
    OSTIARY_DATA_DIR: folder,
    OSTIARY_LIMITS: "off",
  };
  const server = startChild([MAIN, "start"], { env, cwd: folder });
  await untilAnswered(`http://127.0.0.1:${port}/readyz`);
  const created = spawnSync(process.execPath, [MAIN, "clients", "create", "apis", "--guard", "--json"], {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (created.status !== 0) throw new Error(created.stderr);
  const credentials = JSON.parse(created.stdout) as AuthServer["credentials"];
  return {
    issuer,
    credentials,
    databaseUrl,
    async startGuard() {
      const script = join(import.meta.dirname, "guard-process.ts");
      const guard = startChild([script, issuer, credentials.clientId, credentials.clientSecret]);
      await guard.ask({ until: "ready" });
      return guard;
    },
    async signUp(email) {
      const body = JSON.stringify({ email, password: PASSWORD, delivery: "body" });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${issuer}/signup`, { method: "POST", headers, body });
      if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as { accessToken: string; refreshToken: string };
    },
    stop: () => server.stop(),
  };
}
