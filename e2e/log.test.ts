import { expect, it } from "vitest";
import { login, signup } from "./call.ts";
import { startOstiary } from "./start-ostiary.ts";

it("with OSTIARY_LOG=json all of standard output is JSON, a line for each event, and no password is in it", async () => {
  const server = await startOstiary({ env: { OSTIARY_LOG: "json" } });
  await signup(server.issuer, "ada@example.com");
  await login(server.issuer, "ada@example.com");
  await server.stop();
  const lines = server.process.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as { event?: string; msg?: string });
  expect(lines.map(({ event, msg }) => event ?? msg)).toEqual([
    "client_created",
    `Ready at ${server.issuer}.`,
    expect.stringContaining("npx ostiary users create <e-mail> --admin"),
    "user_created",
    "signup",
    "login",
    "Stopping: answering what is under way.",
  ]);
  expect(server.process.stdout).not.toContain("correct horse");
  // A log is no place for what makes an administrator.
  expect(server.process.stdout).not.toContain("first#");
});
