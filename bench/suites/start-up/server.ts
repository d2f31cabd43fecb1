/** What starts are compared with: `server.ts <kind> <port> <folder>`. Each answers `GET /health`. */
const [kind = "", port = "", folder = ""] = process.argv.slice(2);

const starts: Readonly<Record<string, () => Promise<void>>> = {
  async node() {
    const { createServer } = await import("node:http");
    createServer((_request, response) => response.end("ok")).listen(Number(port), "127.0.0.1");
  },
  async express() {
    const { default: express } = await import("express");
    express().get("/health", (_req, res) => void res.json({ ok: true })).listen(Number(port), "127.0.0.1");
  },
  async hono() {
    const [{ Hono }, { serve }] = await Promise.all([import("hono"), import("@hono/node-server")]);
    const app = new Hono().get("/health", (context) => context.json({ ok: true }));
    serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" });
  },
  async "oidc-provider"() {
    const [{ default: express }, { Provider }] = await Promise.all([import("express"), import("oidc-provider")]);
    const clients = [{ client_id: "bench", client_secret: "a secret of the benchmarks", redirect_uris: ["https://rp.example/callback"] }];
    const provider = new Provider(`http://127.0.0.1:${port}`, { clients });
    const app = express().get("/health", (_req, res) => void res.json({ ok: true }));
    app.use(provider.callback()).listen(Number(port), "127.0.0.1");
  },
  async "better-auth"() {
    const [{ default: express }, { betterAuth }, { toNodeHandler }, { getMigrations }, { DatabaseSync }] = await Promise.all([
      import("express"),
      import("better-auth"),
      import("better-auth/node"),
      import("better-auth/db/migration"),
      import("node:sqlite"),
    ]);
    const auth = betterAuth({
      baseURL: `http://127.0.0.1:${port}`,
      secret: "a secret of the benchmarks: 0123456789 abcdef",
      database: new DatabaseSync(`${folder}/better-auth.db`),
      emailAndPassword: { enabled: true },
      rateLimit: { enabled: false },
      logger: { disabled: true },
    });
    await (await getMigrations(auth.options)).runMigrations();
    const app = express().get("/health", (_req, res) => void res.json({ ok: true }));
    app.all("/api/auth/{*any}", toNodeHandler(auth)).listen(Number(port), "127.0.0.1");
  },
};

await starts[kind]?.();
