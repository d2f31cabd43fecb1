/** An MCP client as it is published finds the auth server of the example by the example's URL, and calls its tools. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import express from "express";
import { createOstiary } from "ostiary";
import type { NewClient } from "ostiary";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askForScopes } from "../../examples/mcp-server/src/notes.ts";
import { call, PASSWORD, signup } from "../call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder } from "../launch.ts";
import type { Launched } from "../launch.ts";
import { selfSigned } from "../next/certificate.ts";
import { startOstiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";
import { Person } from "./person.ts";

const REDIRECT_URI = "http://127.0.0.1/callback";

let server: RunningServer;
let example: Launched;
let resource: string;
let clientId: string;
/** Of the client that the operator has registered by hand. */
let byHand: OAuthClientInformationMixed;
/** Where another client tells of itself: its id. */
let documentUrl: string;
let documents: Server;

beforeAll(async () => {
  const port = await freePort();
  resource = `http://localhost:${port}/mcp`;
  const folder = temporaryFolder();
  const { key, cert } = selfSigned("localhost");
  writeFileSync(join(folder, "localhost.pem"), cert);
  writeFileSync(join(folder, "ostiary.config.ts"), "export default { dangerouslyFetchLoopback: true };\n");
  documents = createServer({ key, cert }, (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ...METADATA, client_id: documentUrl }));
  });
  await new Promise<void>((resolve) => documents.listen(0, "localhost", resolve));
  documentUrl = `https://localhost:${(documents.address() as AddressInfo).port}/agent.json`;
  server = await startOstiary({
    folder,
    env: {
      OSTIARY_LIMITS: "off",
      OSTIARY_AUDIENCE: resource,
      OSTIARY_DYNAMIC_REGISTRATION: "open",
      OSTIARY_CLIENT_ID_DOCUMENTS: "on",
      OSTIARY_SELF_REGISTERED_SCOPES: "notes:read notes:write",
      NODE_EXTRA_CA_CERTS: join(folder, "localhost.pem"),
    },
  });
  const dataDir = join(server.folder, ".ostiary");
  const beside = await createOstiary({ issuer: server.issuer, databaseUrl: `sqlite:${join(dataDir, "ostiary.db")}`, dataDir });
  const scopes = ["notes:read", "notes:write"];
  const agent: NewClient = {
    name: "Agent",
    registration: { redirectUris: [REDIRECT_URI], tokenEndpointAuthMethod: "none", scopes },
  };
  ({ clientId } = await beside.clients.create(agent));
  byHand = { client_id: clientId, issuer: server.issuer };
  const guard = await beside.clients.create({ name: "notes", guard: true });
  await beside.close();
  example = launch(process.execPath, [join(REPOSITORY, "examples/mcp-server/src/main.ts")], {
    cwd: server.folder,
    env: { PORT: String(port), ISSUER: server.issuer, GUARD_CLIENT_ID: guard.clientId, GUARD_CLIENT_SECRET: guard.clientSecret },
  });
  await example.says(/Listening/);
});

afterAll(async () => {
  example.signal("SIGTERM");
  await example.ended;
  await server.stop();
  documents.close();
});

/** What a client that nobody has registered says of itself. */
const METADATA = { redirect_uris: [REDIRECT_URI], client_name: "Agent", token_endpoint_auth_method: "none" };

/** What an MCP client asks of the program it is in, by the SDK's own interface; a person does what they are shown. */
class Agent implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT_URI;
  readonly clientMetadata = METADATA;
  /** Where it tells of itself, if it does so by a document. */
  readonly clientMetadataUrl?: string;
  /** Where the person was sent. */
  readonly asked: URL[] = [];
  code = "";
  readonly #person: Person;
  #known: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = "";

  constructor(person: Person, known?: OAuthClientInformationMixed, clientMetadataUrl?: string) {
    this.#person = person;
    this.#known = known;
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
  }

  clientInformation = (): OAuthClientInformationMixed | undefined => this.#known;
  saveClientInformation = (known: OAuthClientInformationMixed): void => void (this.#known = known);
  tokens = (): OAuthTokens | undefined => this.#tokens;
  saveTokens = (tokens: OAuthTokens): void => void (this.#tokens = tokens);
  saveCodeVerifier = (verifier: string): void => void (this.#verifier = verifier);
  codeVerifier = (): string => this.#verifier;

  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked.push(url);
    const { parameters } = await this.#person.open(url);
    this.code = parameters.get("code") ?? "";
  }

  /** Calls a tool as a program does: whoever is refused for want of a token gets one, and comes again. */
  async use(name: string, args: Record<string, unknown> = {}): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: this });
      const client = new Client({ name: "agent", version: "1.0.0" });
      try {
        await client.connect(transport);
        const { content } = (await client.callTool({ name, arguments: args })) as { content: { text: string }[] };
        return JSON.parse(content[0]?.text ?? "null");
      } catch (error) {
        if (tries > 0 || this.code === "") throw error;
        await transport.finishAuth(this.code);
        this.code = "";
      } finally {
        await client.close();
      }
    }
  }
}

async function newAgent(email: string, known: OAuthClientInformationMixed | null = byHand, clientMetadataUrl?: string) {
  const { accessToken, user } = await signup(server.issuer, email);
  const agent = new Agent(new Person(server.issuer, fetch, { email, password: PASSWORD }), known ?? undefined, clientMetadataUrl);
  return { agent, user, signOut: async () => call("POST", `${server.issuer}/logout-all`, { bearer: accessToken }) };
}

/** What a client sees that brings this token. */
async function callWith(token: string | undefined): Promise<Response> {
  return fetch(resource, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "who_am_i", arguments: {} } }),
  });
}

test("an MCP client that knows nothing but the URL signs its person in and calls a tool, as them", async () => {
  const { agent, user } = await newAgent("ada@example.com");
  expect(await agent.use("who_am_i")).toEqual({ subject: user.id, scopes: ["notes:read"], app: clientId });
  const [asked] = agent.asked;
  expect(asked?.searchParams.get("resource")).toBe(resource);
  expect(asked?.searchParams.get("code_challenge_method")).toBe("S256");
  expect(await agent.use("list_notes")).toEqual([]);
  expect(agent.asked).toHaveLength(1);
});

test("a client that nobody has registered registers itself (RFC 7591)", async () => {
  const { agent, user } = await newAgent("lise@example.com", null);
  expect(await agent.use("who_am_i")).toEqual({
    subject: user.id,
    scopes: ["notes:read"],
    app: agent.clientInformation()?.client_id,
  });
  expect(agent.clientInformation()?.client_id).not.toBe(clientId);
});

test("or tells of itself in a document, whose address is its id", async () => {
  const { agent, user } = await newAgent("emmy@example.com", null, documentUrl);
  expect(await agent.use("who_am_i")).toEqual({ subject: user.id, scopes: ["notes:read"], app: documentUrl });
});

test("a tool that needs another scope makes the client ask for it", async () => {
  const { agent } = await newAgent("grace@example.com");
  await agent.use("list_notes");
  expect(await agent.use("add_note", { text: "an idea" })).toEqual(["an idea"]);
  expect(agent.asked.map(({ searchParams }) => searchParams.get("scope"))).toEqual(["notes:read", "notes:write"]);
});

test("a call whose body nobody has read gets past no question for scopes", async () => {
  const app = express();
  app.post("/mcp", askForScopes, (_request, response) => void response.json("called"));
  const listening = app.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  const { status } = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    body: JSON.stringify({ method: "tools/call", params: { name: "add_note" } }),
  });
  listening.close();
  expect(status).toBe(415);
});

test("who signs out is out at the next call", async () => {
  const { agent, signOut } = await newAgent("joan@example.com");
  await agent.use("who_am_i");
  const token = agent.tokens()?.access_token;
  expect((await callWith(token)).status).toBe(200);
  await signOut();
  await expect.poll(async () => (await callWith(token)).status, { timeout: 10_000 }).toBe(401);
});

test("without a token a caller is told where tokens come from, and how to send them", async () => {
  const refused = await callWith(undefined);
  expect(refused.status).toBe(401);
  const [, address = ""] = /^Bearer resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
  expect(await (await fetch(address)).json()).toMatchObject({
    resource,
    authorization_servers: [server.issuer],
    resource_name: "Notes",
  });
  expect((await callWith("nonsense")).headers.get("www-authenticate")).toMatch(
    /^Bearer error="invalid_token", .*resource_metadata="/,
  );
});
