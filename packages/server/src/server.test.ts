import { expect, it, onTestFinished, vi } from "vitest";
import { startTestServer } from "../test/test-server.ts";

it.each<[string, string, number | undefined, string[]]>([
  ["production, and nobody has spoken of proxies", "production", undefined, ["OstiaryWarning"]],
  ["production without a proxy", "production", 0, []],
  ["development", "", undefined, []],
])("warns whoever embeds it of limits that all clients may share: %s", async (_, environment, trustProxy, expected) => {
  vi.stubEnv("NODE_ENV", environment);
  const emit = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  onTestFinished(() => void vi.unstubAllEnvs().restoreAllMocks());
  await startTestServer({ issuer: "https://id.example.com/auth", trustProxy });
  const ours = emit.mock.calls.filter(([text]) => String(text).includes("OSTIARY_TRUST_PROXY"));
  expect(ours.map(([, name]) => name)).toEqual(expected);
});
