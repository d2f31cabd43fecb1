/** Postgres has no text with a NUL in it, and fails where another database finds nothing. */
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startWithAdmin } from "../../../test/admin-server.ts";
import { PageClient } from "../../../test/page-client.ts";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { basic, PASSWORD, startTestServer, TestClient } from "../../../test/test-server.ts";

interface Parameter {
  readonly in: string;
  readonly name: string;
}
type Paths = Record<string, Record<string, { parameters?: Parameter[] }>>;

describe("a NUL in a request is refused as what the caller sent, not as a failure", () => {
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await makePostgresDatabase();
  });

  it("400, 404: in every parameter of every path that the API describes", async () => {
    const { server, call } = await startWithAdmin({ databaseUrl });
    const { paths } = (await call<{ paths: Paths }>("GET", "/openapi.json")).body;
    const asked: [method: string, path: string, body?: object][] = [];
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, { parameters = [] }] of Object.entries(item)) {
        if (path.includes("{")) asked.push([method.toUpperCase(), path.replaceAll(/\{\w+\}/g, "a%00b")]);
        for (const { name } of parameters.filter((one) => one.in === "query")) {
          asked.push([method.toUpperCase(), `${path.replaceAll(/\{\w+\}/g, "none")}?${name}=a%00b`]);
        }
      }
    }
    expect(asked.map(([, path]) => path)).toEqual(expect.arrayContaining(["/sessions/a%00b", "/admin/audit?ip=a%00b"]));
    const answers = await Promise.all(
      asked.map(async ([method, path]) => {
        const body = method === "PATCH" ? { roles: ["user"] } : undefined;
        const { status } = await call(method, path, { body });
        return { method, path, isRefused: status === 400 || status === 404, status };
      }),
    );
    expect(answers.filter(({ isRefused }) => !isRefused)).toEqual([]);
    expect(server.reported).toEqual([]);
  });

  it("4xx: in bodies, and in credentials", async () => {
    const server = await startTestServer({ databaseUrl });
    onTestFinished(() => expect(server.reported).toEqual([]));
    const client = new TestClient(server);
    const nul = "a\0b";
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const answers = [
      await client.call("POST", "/login", { body: { email: `${nul}@example.com`, password: PASSWORD } }),
      await client.call("POST", "/login", { body: { email: "ada@example.com", password: nul } }),
      await client.call("POST", "/signup", { body: { email: `${nul}@example.com`, password: PASSWORD } }),
      await client.call("POST", "/signup", { body: { email: "nul@example.com", password: PASSWORD, name: nul } }),
      await client.call("POST", "/refresh", { body: { refreshToken: nul } }),
      await client.call("POST", "/admin/first", { body: { token: nul, email: "nul@example.com", password: PASSWORD } }),
      await client.call("POST", "/oauth/introspect", { body: "token=t&client_id=a%00b&client_secret=s", headers: form }),
      await client.call("POST", "/oauth/introspect", {
        body: "token=t",
        headers: { ...form, authorization: basic({ clientId: nul, clientSecret: nul }) },
      }),
      await client.call("POST", "/oauth/revoke", { body: "token=a%00b&client_id=a%00b&client_secret=a%00b", headers: form }),
      await client.call("GET", "/revocations", { headers: { authorization: basic({ clientId: nul, clientSecret: "s" }) } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 401, 400, 400, 401, 404, 401, 401, 401, 401]);
  });

  it("signed out: in the session that the account page is to end", async () => {
    const server = await startTestServer({ databaseUrl: await makePostgresDatabase() });
    const client = new TestClient(server);
    await client.signup();
    const page = await new PageClient(server, client.jar).submit("/account", { task: "end", session: "a\0b" });
    expect(page.status).toBe(303);
    expect(server.reported).toEqual([]);
  });

  it("4xx: in what an administrator creates and changes", async () => {
    const { call, grace } = await startWithAdmin({ databaseUrl: await makePostgresDatabase() });
    const answers = [
      await call("POST", "/admin/clients", { body: { name: "a\0b" } }),
      await call("POST", "/admin/users", { body: { email: "new@example.com", password: PASSWORD, roles: ["a\0b"] } }),
      await call("PATCH", `/admin/users/${grace.user.id}`, { body: { roles: ["a\0b"] } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});
