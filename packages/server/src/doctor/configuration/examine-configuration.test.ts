import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { temporaryFile } from "../../../test/test-server.ts";
import { wrong } from "../../../test/wrong-findings.ts";
import { resolveSettings } from "../../config.ts";
import type { Finding } from "../finding.ts";
import { examineConfiguration } from "./examine-configuration.ts";

const SECRET = "dG9vIGdvb2QgdG8gYmUgdHJ1ZSwgYnV0IG9ubHkgYSB0ZXN0";
const HS_SECRETS = { OSTIARY_ACCESS_TOKEN_SECRET: `${SECRET}a1`, OSTIARY_REFRESH_TOKEN_SECRET: `${SECRET}b2` };
const UNSAID = { NODE_ENV: "production", OSTIARY_ISSUER: "https://id.example.com/auth", OSTIARY_SECRET: SECRET };
const PUBLIC = { ...UNSAID, OSTIARY_TRUST_PROXY: "1" };

function examined(environment: Record<string, string>): Finding[] {
  return examineConfiguration(resolveSettings({ environment }));
}

it.each<[string, Record<string, string>]>([
  ["the defaults, for development", {}],
  ["a production as documented", { ...PUBLIC, OSTIARY_ALLOWED_ORIGINS: "https://app.example.com" }],
  ["one without a proxy, that says so", { ...PUBLIC, OSTIARY_TRUST_PROXY: "0" }],
])("finds nothing wrong with %s", (_, environment) => {
  expect(wrong(examined({ OSTIARY_DATA_DIR: dirname(temporaryFile()), ...environment }))).toEqual([]);
});

it.each<[string, Record<string, string>, string[]]>([
  ["a public server that is not told to be careful", { ...PUBLIC, NODE_ENV: "" }, ["warning configuration.production"]],
  ["limits that are off on one", { ...PUBLIC, NODE_ENV: "", OSTIARY_LIMITS: "off" }, ["warning configuration.production", "error configuration.limits"]],
  ["a proxy that may be there, and is not trusted", UNSAID, ["warning configuration.trust_proxy"]],
  ["users that are forgotten", { ...PUBLIC, OSTIARY_DATABASE_URL: "sqlite::memory:" }, ["error configuration.database"]],
  ["a secret for each replica", { OSTIARY_DATABASE_URL: "postgres://db.example.com/ostiary" }, ["error configuration.secret"]],
  ["a secret of before", { OSTIARY_SECRET: SECRET, OSTIARY_PREVIOUS_SECRET: `${SECRET}0` }, ["warning configuration.previous_secret"]],
  ["http on a network", { OSTIARY_ISSUER: "http://10.0.0.7:4000/auth", OSTIARY_TRUST_PROXY: "0" }, ["warning configuration.production", "error configuration.https"]],
  ["an app on another site", { ...PUBLIC, OSTIARY_ALLOWED_ORIGINS: "https://app.example.org" }, ["warning configuration.origins"]],
  ["an app on http", { ...PUBLIC, OSTIARY_ALLOWED_ORIGINS: "http://app.example.com" }, ["warning configuration.origins"]],
  ["an app on another address", { OSTIARY_ALLOWED_ORIGINS: "http://127.0.0.1:3000" }, ["warning configuration.origins"]],
  ["keys that sign before they are known", { OSTIARY_KEY_PUBLISH_AHEAD: "5s" }, ["error configuration.key_lead_time"]],
  ["keys that outlive no token", { OSTIARY_KEY_ROTATION: "10m" }, ["warning configuration.key_rotation"]],
  ["a secret that verifiers share", HS_SECRETS, ["warning configuration.algorithm"]],
])("finds %s", (_, environment, expected) => {
  expect(wrong(examined({ OSTIARY_DATA_DIR: dirname(temporaryFile()), ...environment }))).toEqual(expected);
});

it("finds a kept secret that others may read, and never repeats it", () => {
  const folder = dirname(temporaryFile());
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/secret`, SECRET);
  chmodSync(`${folder}/secret`, 0o640);
  const findings = examined({ OSTIARY_DATA_DIR: folder });
  expect(wrong(findings)).toEqual(["warning configuration.secret"]);
  chmodSync(`${folder}/secret`, 0o600);
  expect(wrong(examined({ OSTIARY_DATA_DIR: folder }))).toEqual([]);
  expect(JSON.stringify(findings)).not.toContain(SECRET);
});
