import { describe, expect, it } from "vitest";
import { startUnclaimed } from "../../../../test/admin-server.ts";
import { MINUTE, PASSWORD, TestClient, temporaryFile } from "../../../../test/test-server.ts";
import type { Ostiary } from "../../../ostiary.ts";

const claim = (server: Ostiary, token: string) =>
  new TestClient(server).call("POST", "/admin/first", { body: { token, email: "first@example.com", password: PASSWORD } });
const boss = { email: "boss@example.com", password: PASSWORD };

describe("the link that makes the first administrator", () => {
  it("is good for an hour", async () => {
    const server = await startUnclaimed();
    const [late, timely] = [(await server.firstAdminToken())!, await startUnclaimed()];
    server.time.now += 61 * MINUTE;
    expect((await claim(server, late)).status).toBe(404);
    server.time.now -= 2 * MINUTE;
    expect((await claim(server, late)).status).toBe(404);

    const token = (await timely.firstAdminToken())!;
    timely.time.now += 59 * MINUTE;
    expect((await claim(timely, token)).status).toBe(201);
  });

  it("does not live again when the administrator is one no more", async () => {
    const server = await startUnclaimed();
    const token = (await server.firstAdminToken())!;
    const { id } = await server.users.create({ ...boss, roles: ["user", "admin"] });
    await server.users.setRoles(id, ["user"]);
    expect((await claim(server, token)).status).toBe(404);
    // A new start is a new beginning: whoever can take the last administrator away has the database.
    expect(await server.firstAdminToken()).not.toBeNull();
  });

  it("nor when another process made them, by a change of roles", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const [server, commandLine] = [await startUnclaimed({ databaseUrl }), await startUnclaimed({ databaseUrl })];
    const { id } = await server.users.create(boss);
    const token = (await server.firstAdminToken())!;
    await commandLine.users.setRoles(id, ["admin"]);
    await commandLine.users.delete(id);
    expect((await claim(server, token)).status).toBe(404);
  });

  it("is not touched by other users who come meanwhile", async () => {
    const server = await startUnclaimed();
    const token = (await server.firstAdminToken())!;
    const { id } = await server.users.create(boss);
    await server.users.setRoles(id, ["support"]);
    expect((await claim(server, token)).status).toBe(201);
  });
});
