import { describe, expect, it } from "vitest";
import { ISSUER, startTestServer } from "../../../test/test-server.ts";

/** The inspector's page, as a browser gets it that knows the server by this address. */
async function inspectorAt(address: string): Promise<{ html: string; policy: string }> {
  const server = await startTestServer();
  const response = await server.fetch(new Request(`${address}/inspect`));
  expect(response.status).toBe(200);
  return { html: await response.text(), policy: response.headers.get("content-security-policy") ?? "" };
}

it.each(["/console", "/console/users/x", "/console/assets/x.js", "/inspect", "/docs"])("405: %s is there to be read", async (path) => {
  const { fetch } = await startTestServer();
  const answer = await fetch(new Request(ISSUER + path, { method: "POST" }));
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
});

describe("the page of the inspector", () => {
  it("knows the issuer, by whatever address it is opened", async () => {
    for (const address of [ISSUER, "http://127.0.0.1:4000/auth", "https://behind.example/auth"]) {
      const { html } = await inspectorAt(address);
      expect(html).toContain(`<base href="/auth/console/"><meta name="issuer" content="${ISSUER}">`);
    }
  });

  it("may reach the keys, at the issuer and where it is opened, and nothing else", async () => {
    const keys = `${ISSUER}/.well-known/jwks.json`;
    const { policy } = await inspectorAt("http://127.0.0.1:4000/auth");
    expect(policy).toContain(`connect-src ${keys} 127.0.0.1:4000/auth/.well-known/jwks.json;`);
    expect((await inspectorAt(ISSUER)).policy).toContain(`connect-src ${keys};`);
  });

  it("takes no policy from a Host header", async () => {
    for (const host of ["evil.example;script-src", "a,b", "'unsafe-inline'"]) {
      expect((await inspectorAt(`http://${host}/auth`)).policy).toMatch(
        /connect-src http:\/\/localhost:4000\/auth\/\.well-known\/jwks\.json;/,
      );
    }
  });
});
