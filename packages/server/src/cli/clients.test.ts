import { beforeAll, describe, expect, it } from "vitest";
import { runCli as run, temporaryFolder } from "../../test/run-cli.ts";
import type { CliRun } from "../../test/run-cli.ts";
import type { ClientCredentials } from "../clients/client.ts";
import { createOstiary } from "../server.ts";

const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const SECRET = /^[\w-]{43}$/;

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await (await createOstiary({ dataDir: `${folder}/.ostiary` })).close();
});

describe("ostiary clients", () => {
  it("list says so where there are none", async () => {
    expect(await cli(["list"])).toEqual({ code: 0, stdout: "There are no clients yet.\n", stderr: "" });
    expect(await cli(["list", "--json"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("create prints an id and a secret, for people or as JSON; the server knows them", async () => {
    const words = await cli(["create", "orders", "--guard"]);
    expect(words).toMatchObject({ code: 0, stderr: "" });
    expect(words.stdout).toMatch(/^clientId {6}[\da-f-]{36}\nclientSecret {2}[\w-]{43}\nThe secret is not shown again\.\n$/);
    const json = await cli(["create", "billing", "--guard", "--json"]);
    const made = JSON.parse(json.stdout) as ClientCredentials;
    expect(made).toEqual({
      clientId: expect.stringMatching(ID) as unknown,
      clientSecret: expect.stringMatching(SECRET) as unknown,
      name: "billing",
      guard: true,
    });
    expect(await feedStatus(made)).toBe(200);
    expect(await feedStatus({ ...made, clientSecret: "wrong" })).toBe(401);
  });

  it("list shows all, and no secret", async () => {
    const created = await create("listed \u202e");
    const { stdout } = await cli(["list"]);
    expect(stdout).toContain(`${created.clientId}  listed \\u202e  guard  since 20`);
    expect(stdout).not.toContain(created.clientSecret);
    const json = (await cli(["list", "--json"])).stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as object);
    expect(json).toContainEqual({
      clientId: created.clientId,
      name: "listed \u202e",
      guard: true,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
    });
  });

  it("rotate-secret prints a new secret, and the old one is refused", async () => {
    const before = await create("rotated");
    const { stdout } = await cli(["rotate-secret", before.clientId, "--json"]);
    const after = JSON.parse(stdout) as ClientCredentials;
    expect(after).toMatchObject({ clientId: before.clientId, name: "rotated", guard: true });
    expect([await feedStatus(before), await feedStatus(after)]).toEqual([401, 200]);
  });

  it("delete takes a client out", async () => {
    const created = await create("deleted");
    expect(await cli(["delete", created.clientId])).toMatchObject({ code: 0, stdout: expect.stringContaining("deleted") as unknown });
    expect(await feedStatus(created)).toBe(401);
  });

  it.each(["delete", "rotate-secret"])("%s ends with 1 where there is no such client", async (command) => {
    expect(await cli([command, "nobody"])).toEqual({ code: 1, stdout: "", stderr: "There is no client nobody.\n" });
  });

  it.each(["", " ", "\t", "x".repeat(101), "a\nb"])("create refuses the name %j", async (name) => {
    const { code, stdout, stderr } = await cli(["create", name, "--guard"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("name must have 1 to 100 characters");
  });
});

function cli(args: readonly string[]): Promise<CliRun> {
  return run(["clients", ...args], { folder });
}

async function create(name: string): Promise<ClientCredentials> {
  return JSON.parse((await cli(["create", name, "--guard", "--json"])).stdout) as ClientCredentials;
}

/** What a server on the folder's data says to a guard that comes with these. */
async function feedStatus({ clientId, clientSecret }: ClientCredentials): Promise<number> {
  const server = await createOstiary({ dataDir: `${folder}/.ostiary` });
  try {
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    const request = new Request(`${server.issuer}/revocations`, { method: "HEAD", headers: { authorization } });
    return (await server.fetch(request)).status;
  } finally {
    await server.close();
  }
}
