import { expect, onTestFinished, test } from "vitest";
import { AUDIENCE, refusalOf, startIssuer } from "../test/issuer.ts";
import { createGuard, oidc, type GuardOptions } from "./index.ts";

const ISSUER = "https://id.example/auth";

function make(options: Partial<GuardOptions>) {
  const guard = createGuard({ issuer: ISSUER, onWarning: () => {}, ...options });
  onTestFinished(() => guard.close());
  return guard;
}

test("what an API says of itself is what its operator said, and nothing else", () => {
  expect(make({ audience: "a" }).resourceMetadata).toBeUndefined();
  const { resourceMetadata } = make({ resource: "https://api.example/v1", resourceName: "Orders", scopesSupported: ["orders:read"] });
  expect(resourceMetadata?.document).toEqual({
    resource: "https://api.example/v1",
    authorization_servers: [ISSUER],
    scopes_supported: ["orders:read"],
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: expect.arrayContaining(["ES256", "Ed25519"]) as unknown,
    resource_name: "Orders",
  });
  expect(Object.isFrozen(resourceMetadata?.document)).toBe(true);
});

test.each([
  ["https://api.example", "https://api.example/.well-known/oauth-protected-resource"],
  ["https://api.example/", "https://api.example/.well-known/oauth-protected-resource"],
  ["https://api.example/v1/mcp", "https://api.example/.well-known/oauth-protected-resource/v1/mcp"],
  ["https://api.example:8443/v1/", "https://api.example:8443/.well-known/oauth-protected-resource/v1/"],
  ["http://localhost:3001/mcp", "http://localhost:3001/.well-known/oauth-protected-resource/mcp"],
])("it is found between host and path: %s", (resource, url) => {
  const { resourceMetadata } = make({ resource });
  expect(resourceMetadata).toMatchObject({ url, path: new URL(url).pathname, document: { resource } });
});

test("a resource that could not be told from another, or breaks out of a challenge, is refused when the guard is made", () => {
  for (const resource of ["api", "/v1", "http://api.example", "https://api.example?x=1", "https://api.example#x", "https://u:p@api.example", 'https://api.example/"x', "https://api.example/a b", 5]) {
    expect(() => make({ resource: resource as string })).toThrow(TypeError);
  }
  expect(() => make({})).toThrow("audience");
  expect(() => make({ audience: "a", resourceName: "Orders" })).toThrow("need resource");
  for (const scopesSupported of ["a", ["a b"], ['a"'], [""], [1]]) {
    expect(() => make({ resource: "https://api.example", scopesSupported: scopesSupported as string[] })).toThrow("scopesSupported");
  }
});

test("tokens are for the resource, unless the audience is said", async () => {
  const issuer = await startIssuer();
  const guardOf = (options: Partial<GuardOptions>) => make({ issuer: issuer.url, ...options });
  const token = (aud: string) => issuer.token({ aud });
  for (const aud of [AUDIENCE, `${AUDIENCE}/`]) await guardOf({ resource: AUDIENCE }).verify(token(aud));
  await guardOf({ resource: `${AUDIENCE}/v1` }).verify(token(`${AUDIENCE}/v1`));
  await guardOf({ resource: `${AUDIENCE}/v1`, audience: "orders" }).verify(token("orders"));
  for (const [options, aud] of [
    [{ resource: `${AUDIENCE}/v1` }, AUDIENCE],
    [{ resource: `${AUDIENCE}/v1` }, `${AUDIENCE}/v1/`],
    [{ resource: AUDIENCE, audience: "orders" }, AUDIENCE],
  ] as const) {
    expect(await refusalOf(guardOf(options).verify(token(aud)))).toMatchObject({ reason: "claim_invalid" });
  }
});

test("an API of several issuers names them all", async () => {
  const [one, two] = [await startIssuer(), await startIssuer()];
  const issuers = [one, two].map(({ url }) => oidc({ issuer: url, audience: AUDIENCE }));
  const guard = createGuard({ issuers, resource: AUDIENCE, onWarning: () => {} });
  onTestFinished(() => guard.close());
  expect(guard.resourceMetadata?.document.authorization_servers).toEqual([one.url, two.url]);
  const refusals = [guard.verify("nonsense"), guard.verify(one.token({ iss: "https://evil.example" })), guard.verify(two.token({ exp: 1 }))];
  for (const refusal of refusals) {
    const error = await refusal.then(() => undefined, (thrown: unknown) => thrown as { headers: Record<string, string> });
    expect(error?.headers["WWW-Authenticate"]).toMatch(/^Bearer error="invalid_token", .*resource_metadata="https:\/\/api\.example\/\.well-known/);
  }
});
