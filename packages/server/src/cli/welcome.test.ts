import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { resolveSettings } from "../config.ts";
import type { ClientCredentials } from "../clients/client.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { welcome } from "./welcome.ts";

function printed(inCode: OstiaryConfig, guard: ClientCredentials | null = null): string {
  return stripVTControlCharacters(welcome(resolveSettings({ inCode, environment: {} }), guard));
}

describe("what a started server prints", () => {
  it("names its address and its data", () => {
    const text = printed({});
    expect(text).toContain("Ostiary is ready at http://localhost:4000/auth\n");
    expect(text).toContain("Sign in with a browser at http://localhost:4000/auth/sign-in\n");
    expect(text).toContain("Data in sqlite:.ostiary/ostiary.db, secret in .ostiary/secret: keep both.");
    expect(text).toContain("AUTH=http://localhost:4000/auth\n");
    expect(text).toContain('createGuard({ issuer: "http://localhost:4000/auth", audience: "http://localhost:4000/auth" })');
  });

  it("has a guard's credentials, and where they are kept, if there are any", () => {
    const text = printed({}, { clientId: "an-id", clientSecret: "a-secret" });
    expect(text).toContain("The credentials are for development, kept in .ostiary/development-guard.json");
    expect(text).toContain('revocation: { clientId: "an-id", clientSecret: "a-secret" }');
    expect(printed({})).not.toContain("clientSecret");
  });

  it("says how to make the first administrator while there is none", () => {
    const text = stripVTControlCharacters(welcome(resolveSettings({ inCode: {}, environment: {} }), null, "Make one."));
    expect(text).toContain("/inspect\nMake one.\n");
    expect(printed({})).toContain("The console: http://localhost:4000/auth/console");
  });

  it("names its port where people know it by another address", () => {
    expect(printed({ issuer: "https://id.example.com", port: 8080 })).toContain(
      "Ostiary is ready at https://id.example.com, listening on port 8080\n",
    );
  });

  it("keeps to itself the secret, and the password of the database", () => {
    const secret = "kept: 0123456789 abcdefghijklmnop";
    const text = printed({ secret, databaseUrl: "postgres://ostiary:hunter2@db.example/auth?password=hunter3" });
    expect(text).toContain("Data in postgres://db.example/auth. Stop");
    expect(text).not.toMatch(/hunter|kept|secret in/);
  });
});
