import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { auditTypes, startTestServer } from "../../../test/test-server.ts";
import type { TestServer } from "../../../test/test-server.ts";
import { wrong } from "../../../test/wrong-findings.ts";
import type { OstiaryConfig } from "../../ostiary-config.ts";
import { toNodeHandler } from "../../http/node-handler.ts";
import type { FetchHandler } from "../../http/node-handler.ts";
import type { Deployment } from "./deployment.ts";
import { examineDeployment } from "./examine-deployment.ts";

/** Between the doctor and the server: it may answer in its place, or change what goes either way. */
type Between = (request: Request, pass: (request: Request) => Promise<Response>) => Response | Promise<Response>;

interface Case extends Partial<Deployment> {
  between?: Between;
  config?: (url: string) => OstiaryConfig;
}

/** A real server on a port, with something between, as the doctor sees it. */
async function examined({ between = (request, pass) => pass(request), config = () => ({}), ...deployment }: Case) {
  let handler: FetchHandler = () => new Response(null, { status: 500 });
  const listening = createServer(
    (request, response) =>
      void toNodeHandler(
        (...given) => handler(...given),
        () => {},
      )(request, response),
  ).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const issuer = `http://localhost:${(listening.address() as AddressInfo).port}/auth`;
  const server: TestServer = await startTestServer({ issuer, clock: Date.now, ...config(issuer) });
  onTestFinished(() => {
    server.feed.end();
    listening.close();
    listening.closeAllConnections();
  });
  handler = (request, info) => between(request, async (passed) => server.fetch(passed, info ?? {}));
  const guard = await server.clients.create({ name: "doctor", guard: true });
  const findings = await examineDeployment({
    issuer,
    publishAheadSeconds: 600,
    guard,
    expected: true,
    clock: Date.now,
    ...deployment,
  });
  return { findings, server, issuer };
}

function at(path: string, spoil: (response: Response) => Response | Promise<Response>): Between {
  return async (request, pass) => {
    const response = await pass(request);
    return new URL(request.url).pathname.endsWith(path) ? spoil(response) : response;
  };
}

function withHeader(name: string, value: string | null): (response: Response) => Response {
  return (response) => {
    const headers = new Headers(response.headers);
    if (value === null) headers.delete(name);
    else headers.set(name, value);
    return new Response(response.body, { status: response.status, headers });
  };
}

function withoutHeader(name: string): Between {
  return (request, pass) => {
    const headers = new Headers(request.headers);
    headers.delete(name);
    return pass(new Request(request.url, { method: request.method, headers }));
  };
}

function json(document: unknown): () => Response {
  return () => Response.json(document);
}

it("finds nothing wrong with a server as it is, follows its feed, and leaves no trace", async () => {
  const { findings, server } = await examined({});
  expect(wrong(findings)).toEqual([]);
  expect(findings.map(({ id }) => id)).toEqual(
    [
      "server.reachable", "server.https", "server.ready", "discovery.issuer", "discovery.endpoints", "discovery.root",
      "jwks.keys", "jwks.replicas", "jwks.max_age", "jwks.etag", "server.clock",
      "proxy.authorization", "proxy.origins", "proxy.caching", "server.cookies", "feed.reachable",
    ],
  );
  expect(findings.at(-1)?.message).toMatch(/^A guard follows/);
  expect((await auditTypes(server)).filter((type) => type !== "client_created")).toEqual([]);
  expect(server.reported).toEqual([]);
});

it.each<[string, Case, string[]]>([
  ["another issuer than it is asked by", { config: (url) => ({ issuer: url.replace("localhost", "127.0.0.1") }) }, ["error discovery.issuer", "error discovery.endpoints"]],
  ["no document at the root", { between: at("/oauth-authorization-server/auth", () => new Response(null, { status: 404 })) }, ["warning discovery.root"]],
  ["another server's at the root", { between: at("/oauth-authorization-server/auth", json({ issuer: "https://other.example" })) }, ["error discovery.root"]],
  ["a store that does not answer", { between: at("/readyz", () => new Response(null, { status: 503 })) }, ["error server.ready"]],
  ["a key set that is a page", { between: at("/jwks.json", () => new Response("<html>")) }, ["error jwks.keys"]],
  ["private keys in public", { between: at("/jwks.json", json({ keys: [{ kty: "EC", kid: "a", d: "AA" }] })) }, ["error jwks.keys", "warning jwks.max_age", "warning jwks.etag"]],
  ["a key that is none", { between: at("/jwks.json", json({ keys: [{ kty: "EC", kid: "a" }] })) }, ["error jwks.keys", "warning jwks.max_age", "warning jwks.etag"]],
  ["a cache that keeps keys for an hour", { between: at("/jwks.json", withHeader("cache-control", "max-age=3600")) }, ["error jwks.max_age"]],
  ["a cache that has kept them", { between: at("/jwks.json", withHeader("age", "1800")) }, ["error jwks.max_age"]],
  ["keys that sign before guards look again", { publishAheadSeconds: 60 }, ["error jwks.max_age"]],
  ["HS256", { config: () => ({ signingAlgorithm: "HS256" }) }, ["warning jwks.keys"]],
  ["an ETag that is lost", { between: at("/jwks.json", withHeader("etag", null)) }, ["warning jwks.etag"]],
  ["a clock a minute ahead", { clock: () => Date.now() - 60_000 }, ["error server.clock"]],
  ["a clock ten seconds behind", { clock: () => Date.now() + 10_000 }, ["warning server.clock"]],
  ["no Authorization header", { between: withoutHeader("authorization") }, ["error proxy.authorization", "error feed.reachable"]],
  ["no Origin header", { between: withoutHeader("origin") }, ["error proxy.origins"]],
  ["everyone's origin", { between: at("/csrf", withHeader("access-control-allow-origin", "*")) }, ["error proxy.origins"]],
  ["caching of everything", { between: at("/me", withHeader("cache-control", "max-age=60")) }, ["error proxy.caching"]],
  ["no cookies", { between: withoutHeader("cookie") }, ["error server.cookies"]],
  ["no feed", { between: at("/revocations", () => new Response(null, { status: 404 })) }, ["error feed.reachable"]],
  ["a feed that is compressed", { between: at("/revocations", (response) => (response.ok ? withHeader("content-encoding", "gzip")(response) : response)) }, ["error feed.reachable"]],
  ["credentials that are no guard's", { guard: { clientId: "nobody", clientSecret: "nothing" } }, ["error feed.reachable"]],
])("finds %s", async (_, given, expected) => {
  const { findings } = await examined(given);
  expect(wrong(findings)).toEqual(expected);
});

it("finds replicas on two databases by their keys", async () => {
  const other = await startTestServer({ clock: Date.now });
  let turn = 0;
  const { findings } = await examined({
    between: (request, pass) => {
      const isKeys = new URL(request.url).pathname.endsWith("/jwks.json");
      return isKeys && turn++ % 2 === 1 ? other.fetch(new Request(`${other.issuer}/.well-known/jwks.json`)) : pass(request);
    },
  });
  expect(wrong(findings)).toEqual(["error jwks.replicas"]);
});

it("finds an https server behind a URL that is not, by its cookies", async () => {
  const { findings } = await examined({ config: (url) => ({ issuer: url.replace("http:", "https:") }) });
  expect(wrong(findings)).toEqual(["error discovery.issuer", "error discovery.endpoints", "error server.cookies"]);
});

it("finds what keeps it from looking: nothing there, a redirect, something else there", async () => {
  const nobody: Deployment = {
    issuer: "http://127.0.0.1:1/auth",
    publishAheadSeconds: null,
    guard: null,
    expected: true,
    clock: Date.now,
  };
  expect(wrong(await examineDeployment(nobody))).toEqual(["error server.reachable"]);
  expect(wrong(await examineDeployment({ ...nobody, expected: false }))).toEqual(["warning server.reachable"]);
  const { findings: redirected } = await examined({ between: () => Response.redirect("https://id.example.com/auth") });
  expect(redirected).toMatchObject([
    { id: "server.reachable", level: "error", message: expect.stringContaining("https://id.example.com/auth") as string },
  ]);
  const { findings: elsewhere } = await examined({ between: () => new Response("hello") });
  expect(wrong(elsewhere)).toEqual(["error server.reachable"]);
});
