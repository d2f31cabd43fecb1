import { beforeEach, describe, expect, it, vi } from "vitest";
import { ostiary, ostiaryJson } from "../../test/command.ts";
import { SECRET, startTestServer, temporaryFile } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";

let server: TestServer;
beforeEach(async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  vi.stubEnv("OSTIARY_DATABASE_URL", databaseUrl);
  vi.stubEnv("OSTIARY_SECRET", SECRET);
  server = await startTestServer({ databaseUrl, clock: () => Date.now() });
  return () => vi.unstubAllEnvs();
});

describe("ostiary registration-tokens", () => {
  it("create prints the token this once; list has it without, until it is deleted", async () => {
    expect((await ostiary("registration-tokens", "list")).out).toBe("There are no registration tokens.\n");
    const { code, out } = await ostiary("registration-tokens", "create", "partners", "--uses", "3");
    const [, token = ""] = /^token {2}([\w-]{43})\nIt is not shown again\. Good for 3, until \S+\.\n$/.exec(out) ?? [];
    expect([code, token]).not.toContain("");
    const [known] = await server.registrationTokens.list();
    expect(known).toMatchObject({ name: "partners", usesLeft: 3 });
    const listed = await ostiary("registration-tokens", "list");
    expect(listed.out).toContain(`${known!.id}  partners  3 left`);
    expect(listed.out).not.toContain(token);
    expect((await ostiary("registration-tokens", "delete", known!.id)).code).toBe(0);
    const again = await ostiary("registration-tokens", "delete", known!.id);
    expect([again.code, again.err]).toEqual([1, `There is no registration token ${known!.id}.\n`]);
  });

  it("prints JSON for programs; refuses what no token can be", async () => {
    const [made] = await ostiaryJson("registration-tokens", "create", "partners", "--expires-in-days", "1");
    expect(made).toMatchObject({ name: "partners", usesLeft: 1, token: expect.stringMatching(/^[\w-]{43}$/) as unknown });
    expect(await ostiaryJson("registration-tokens", "list")).toMatchObject([{ name: "partners", usesLeft: 1 }]);
    expect((await ostiary("registration-tokens", "create", "x", "--uses", "0")).code).toBe(1);
    expect((await ostiary("registration-tokens", "create", "x", "--expires-in-days", "long")).code).toBe(2);
  });
});
