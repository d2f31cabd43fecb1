import { describe, expect, it } from "vitest";
import { resolveSettings } from "../config.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { firstAdminHint } from "./first-admin-hint.ts";

const hint = (inCode: OstiaryConfig, isTerminal: boolean, environment = {}): string =>
  firstAdminHint(resolveSettings({ inCode, environment }), "a-token", isTerminal);
const PRODUCTION = {
  NODE_ENV: "production",
  OSTIARY_ISSUER: "https://id.example.com",
  OSTIARY_SECRET: "a secret of the tests, long enough: 0123456789",
};

describe("what a start says while there is no administrator", () => {
  it("is a link, before a terminal and in development", () => {
    const link = "Become the first, by this link, once, within an hour: http://localhost:4000/auth/console/first#a-token";
    expect(hint({}, false)).toContain(link);
    expect(hint({}, true)).toContain(link);
    expect(hint({}, true, PRODUCTION)).toContain("https://id.example.com/console/first#a-token");
  });

  it("is the command, where it ends up in logs: what makes an administrator is not for whoever reads those", () => {
    for (const said of [hint({}, false, PRODUCTION), hint({ log: "json" }, true)]) {
      expect(said).toBe("There is no administrator yet. Make the first: npx ostiary users create <e-mail> --admin");
    }
  });
});
