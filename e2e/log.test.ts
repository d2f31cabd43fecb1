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

it.each(["json", "off"])(
  "with OSTIARY_LOG=%s a start in production warns of a proxy that nobody has spoken of, once",
  async (log) => {
    const secret = "dG9vIGdvb2QgdG8gYmUgdHJ1ZSwgYnV0IG9ubHkgYSB0ZXN0";
    const env = {
      NODE_ENV: "production",
      OSTIARY_LOG: log,
      OSTIARY_ISSUER: "https://id.example.com/auth",
      OSTIARY_SECRET: secret,
    };
    const unsaid = await startOstiary({ env });
    await unsaid.stop();
    const said = await startOstiary({ env: { ...env, OSTIARY_TRUST_PROXY: "0" } });
    await said.stop();
    const warnings = ({ process }: typeof said) =>
      (log === "json" ? process.stdout : process.stderr).split("\n").filter((line) => line.includes("TRUST_PROXY"));
    expect(warnings(unsaid)).toHaveLength(1);
    expect(warnings(said)).toEqual([]);
    if (log === "json") expect(JSON.parse(warnings(unsaid)[0] ?? "")).toMatchObject({ level: "warn" });
    expect(log === "json" ? unsaid.process.stderr : "").toBe("");
  },
);
