import { describe, expect, it } from "vitest";
import { SECRET } from "../../test/test-server.ts";
import { resolveSettings } from "../config.ts";
import { auth0, github, google, keycloak, oidc } from "./providers.ts";

const client = { clientId: "id", clientSecret: "secret" };
const resolve = (signInWith: unknown, environment = {}) =>
  resolveSettings({ inCode: { signInWith: signInWith as [] }, environment: { OSTIARY_SECRET: SECRET, ...environment } })
    .signInWith;

describe("providers", () => {
  it("have the issuers that they call themselves by", () => {
    const all = [
      google(client),
      keycloak({ url: "https://id.example/auth/", realm: "the staff", ...client }),
      auth0({ domain: "x.eu.auth0.com", ...client }),
    ];
    expect(all.map(({ issuer }) => issuer)).toEqual([
      "https://accounts.google.com",
      "https://id.example/auth/realms/the%20staff",
      "https://x.eu.auth0.com/",
    ]);
    expect(resolve([...all, github(client)]).map(({ id }) => id)).toEqual(["google", "keycloak", "auth0", "github"]);
  });

  it("are trusted with e-mail addresses where that is safe, or said", () => {
    const works = { id: "works", name: "Works", issuer: "https://id.example", clientId: "x" };
    const trust = [
      google(client),
      github(client),
      github({ ...client, url: "https://git.example" }),
      auth0({ domain: "x", ...client }),
      oidc(works),
      oidc({ ...works, trustEmail: true }),
      github({ ...client, trustEmail: true }),
    ];
    expect(trust.map(({ trustEmail }) => trustEmail)).toEqual(["google", false, false, false, false, true, true]);
  });

  it.each<[string, unknown, RegExp]>([
    [
      "two with one id",
      [google(client), oidc({ id: "google", name: "G", issuer: "https://g.example", clientId: "x" })],
      /same id/,
    ],
    ["two of one issuer", [google(client), google({ ...client, id: "other" })], /same issuer/],
    ["an id that is no word", [google({ ...client, id: "../x" })], /a letter first/],
    ["an issuer in the clear", [oidc({ id: "x", name: "X", issuer: "http://id.example", clientId: "x" })], /https URL/],
    ["an issuer with a query", [oidc({ id: "x", name: "X", issuer: "https://id.example/?a", clientId: "x" })], /https URL/],
    ["no client id", [github({ clientId: "", clientSecret: "y" })], /must not be empty/],
    [
      "a scope without openid",
      [oidc({ id: "x", name: "X", issuer: "https://id.example", clientId: "x", scope: "email" })],
      /openid in it/,
    ],
    ["what none of them made", [{ type: "google" }], /must be made by google/],
  ])("%s are refused", (_, signInWith, why) => {
    expect(() => resolve(signInWith)).toThrow(why);
  });

  it("come from variables, beside those that are configured and never in their place", () => {
    const both = {
      OSTIARY_GOOGLE_CLIENT_ID: "g",
      OSTIARY_GOOGLE_CLIENT_SECRET: "gs",
      OSTIARY_GITHUB_CLIENT_ID: "h",
      OSTIARY_GITHUB_CLIENT_SECRET: "hs",
    };
    expect(resolve(undefined, both).map(({ id, clientId }) => [id, clientId])).toEqual([["google", "g"], ["github", "h"]]);
    expect(resolve([github(client)], both).map(({ id, clientId }) => [id, clientId])).toEqual([
      ["github", "id"],
      ["google", "g"],
    ]);
    expect(resolve(undefined, { OSTIARY_GOOGLE_CLIENT_ID: "", OSTIARY_GOOGLE_CLIENT_SECRET: "" })).toEqual([]);
    expect(() => resolve(undefined, { OSTIARY_GITHUB_CLIENT_ID: "h" })).toThrow(
      "OSTIARY_GITHUB_CLIENT_SECRET is missing beside OSTIARY_GITHUB_CLIENT_ID.",
    );
    expect(() => resolve(undefined, { OSTIARY_GOOGLE_CLIENT_SECRET: "h" })).toThrow("OSTIARY_GOOGLE_CLIENT_ID is missing");
  });
});
