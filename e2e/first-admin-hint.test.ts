import { expect, it } from "vitest";
import { startOstiary } from "./start-ostiary.ts";

it("in production what a start writes where it may be kept makes nobody an administrator", async () => {
  const env = {
    NODE_ENV: "production",
    OSTIARY_ISSUER: "https://id.example.com/auth",
    OSTIARY_SECRET: "a secret of the tests, long enough: 0123456789",
  };
  const server = await startOstiary({ env });
  await server.process.says(/npx ostiary users create <e-mail> --admin/);
  expect(server.process.stdout).not.toContain("first#");
  await server.stop();
});
