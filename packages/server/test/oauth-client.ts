/** A registered client of the test server, with ID tokens of its own making: what it has once somebody signed in. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { decodeJwt } from "jose";
import { onTestFinished } from "vitest";
import type { NewRegistration } from "../src/clients/registration.ts";
import type { ClientWithSecret } from "../src/clients/clients.ts";
import type { Keyring } from "../src/keys/keyring.ts";
import type { Ostiary } from "../src/ostiary.ts";
import type { Store } from "../src/stores/store.ts";
import { openSqlite } from "../src/stores/sqlite/open-sqlite.ts";
import { createIdTokens } from "../src/tokens/id-token.ts";
import { ISSUER, START } from "./test-server.ts";

export function registerApp(
  server: Pick<Ostiary, "clients">,
  more: Partial<NewRegistration> = {},
  name = "Meadow Shop",
): Promise<ClientWithSecret> {
  return server.clients.create({ name, registration: { redirectUris: ["https://shop.example/callback"], ...more } });
}

/** An ID token as the client was given it in that session. */
export function idTokenOf(
  keyring: Keyring,
  { clientId, sid, sub }: { clientId: string; sid: string; sub: string },
  issuer = ISSUER,
): string {
  const user = {
    id: sub,
    email: "ada@example.com",
    emailVerified: true,
    name: null,
    roles: [],
    passwordHash: "",
    tokenVersion: 1,
    disabledAt: null,
    createdAt: START,
  };
  const signOn = { id: sid, authTime: START, methods: ["pwd"] } as const;
  const tokens = createIdTokens({ keyring, issuer, lifetimeSeconds: 900, clock: () => START });
  return tokens.issue({ user, clientId, signOn, scopes: ["openid"], nonce: "n", accessToken: "a" });
}

/** The session of an access token. */
export function sidOf(accessToken: string): string {
  return String(decodeJwt(accessToken)["sid"]);
}

/** The server's database, as another process has it. */
export async function sameStore(path: string): Promise<Store> {
  const store = await openSqlite(path);
  onTestFinished(() => store.close());
  return store;
}

export interface Received {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly logoutToken: string;
}

/** A relying party that takes logout tokens over HTTP; `answer` is what it does with each. */
export async function startReceiver(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => void response.end(),
) {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      received.push({
        path: request.url ?? "",
        contentType: request.headers["content-type"],
        logoutToken: form.get("logout_token") ?? "",
      });
      for (const wake of waiting.splice(0)) wake();
      answer(request, response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/backchannel`,
    received,
    /** Resolves when it has received so many in all. */
    async count(expected: number): Promise<void> {
      while (received.length < expected) await new Promise<void>((resolve) => void waiting.push(resolve));
    },
  };
}
