import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { describeAdapter } from "../../test/adapter-conformance.ts";
import { serve } from "../../test/http-server.ts";
import { AUDIENCE, startIssuer } from "../../test/issuer.ts";
import { createGuard } from "../create-guard.ts";
import type { GuardedRequest } from "../extract-token.ts";
import type { Guard } from "../guard.ts";
import type { AnyIdentity } from "../identity.ts";
import type { IssuersGuard } from "../issuers-guard.ts";
import { authenticate, authenticateUpgrade, protectedResource, type Demands } from "./node.ts";

describeAdapter("node:http", startApp);

function startApp(guard: Guard | IssuersGuard): Promise<string> {
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    "/public": (_, response) => json(response, { public: true }),
    "/greeting": guarded((response, auth) => json(response, { user: auth?.subject ?? null }), { optional: true }),
    "/members": guarded((response) => json(response, {}), { optional: true, roles: ["user"] }),
    "/api/me": guarded((response, auth) =>
      json(response, { user: auth?.subject, sid: auth?.sessionId, roles: auth?.roles, issuer: auth?.issuer }),
    ),
    "/api/admin": guarded((response) => json(response, {}), { roles: ["admin"] }),
    "/api/edit": guarded((response) => json(response, {}), { roles: ["admin", "editor"] }),
    "/api/orders": guarded((response) => json(response, []), { scopes: ["orders:read", "orders:write"] }),
    "/api/payouts": guarded((response) => json(response, []), { recent: { maxAgeSeconds: 300, methods: ["otp", "mfa"] } }),
    "/api/refunds": guarded((response) => json(response, []), { scopes: ["orders:read", "refunds:write"] }),
    "/api/broken": guarded(() => {
      throw new Error("a bug of the app");
    }),
  };
  function guarded(answer: (response: ServerResponse, auth: AnyIdentity | undefined) => void, demands: Demands = {}) {
    const handler = (_: IncomingMessage, response: ServerResponse, auth: AnyIdentity | undefined) => {
      try {
        answer(response, auth);
      } catch (error) {
        json(response, { thrown: (error as Error).message }, 500);
      }
    };
    return authenticate<AnyIdentity, boolean>(guard, handler, demands);
  }
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    routes[new URL(request.url ?? "/", "http://api").pathname]?.(request, response);
  };
  return serve(guard.resourceMetadata === undefined ? handle : protectedResource(guard, handle));
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

test("roles or scopes that could match nothing are refused when the handler is made", () => {
  const guard = guardOf("https://auth.example");
  expect(() => authenticate(guard, () => {}, { roles: [] as unknown as [string] })).toThrow(TypeError);
  expect(() => authenticateUpgrade(guard, () => {}, { scopes: ["a b"] })).toThrow(TypeError);
});

test("a WebSocket with a good token is opened, from a header and as a browser sends it", async () => {
  const { issuer, url } = await startSockets();
  const headers = { authorization: `Bearer ${issuer.token()}` };
  for (const socket of [new WebSocket(url, { headers }), new WebSocket(url, ["bearer", issuer.token()])]) {
    expect(String((await once(socket, "message"))[0])).toBe("user-1");
    socket.close();
    expect(["", "bearer"]).toContain(socket.protocol); // Never the token.
  }
});

test("a WebSocket without a good token is answered as any request is, and never opened", async () => {
  const { issuer, url, opened } = await startSockets({ roles: ["editor"] });
  const token = issuer.token();
  const headers = { authorization: `Bearer ${token}` };
  const cases = [
    [new WebSocket(url), 401, /^Bearer$/],
    [new WebSocket(url, ["bearer"]), 401, /invalid_token/],
    [new WebSocket(url, ["bearer", "nonsense"]), 401, /invalid_token/],
    [new WebSocket(url, ["chat", token]), 401, /^Bearer$/],
    [new WebSocket(url, ["bearer", token], { headers }), 400, /invalid_request/],
    [new WebSocket(url, ["bearer", issuer.token({ roles: [] })]), 403, /^$/],
  ] as const;
  for (const [socket, status, challenge] of cases) {
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(status);
    expect(response.headers["www-authenticate"] ?? "").toMatch(challenge);
    expect(response.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(await text(response))).toHaveProperty("error_description");
  }
  expect(opened()).toBe(0);
});

test("a connection that breaks while its token is judged does no harm, and is not handed on", async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: judge } = Promise.withResolvers<void>();
  const { issuer, url, opened } = await startSockets({}, async () => {
    ask();
    await goOn;
  });
  const { hostname, port } = new URL(url);
  const connection = connect(Number(port), hostname);
  const head = ["GET / HTTP/1.1", "Host: api", "Connection: Upgrade", "Upgrade: websocket", `Authorization: Bearer ${issuer.token()}`];
  connection.write(`${head.join("\r\n")}\r\n\r\n`);
  await asked;
  connection.resetAndDestroy();
  await once(connection, "close");
  // Another one, so that the server has seen what became of the first.
  await (await fetch(url.replace("ws:", "http:"))).text();
  judge();
  const next = new WebSocket(url, ["bearer", issuer.token()]);
  await once(next, "message");
  expect(opened()).toBe(1);
  next.close();
});

/** `before` is what a guard may have to wait for before it judges a token. */
async function startSockets(demands: Demands<false> = {}, before = async () => {}) {
  const issuer = await startIssuer();
  const guard = guardOf(issuer.url);
  const slow = { authenticate: async (request: GuardedRequest) => before().then(() => guard.authenticate(request)) };
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((_, response) => response.end());
  let opened = 0;
  const accept = authenticateUpgrade(
    slow,
    (request, socket, head, auth) => {
      opened++;
      sockets.handleUpgrade(request, socket, head, (client) => client.send(auth.subject));
    },
    demands,
  );
  server.on("upgrade", accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
    server.close();
  });
  return { issuer, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, opened: () => opened };
}

function guardOf(issuer: string): Guard {
  const guard = createGuard({ issuer, audience: AUDIENCE, onWarning: () => {} });
  onTestFinished(() => guard.close());
  return guard;
}
