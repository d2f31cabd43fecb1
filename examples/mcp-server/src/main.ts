/** An MCP server behind a guard: whoever calls a tool has signed in, and the tool knows who they are. */
import type { IncomingMessage } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createGuard } from "@ostiary/guard";
import { authenticate, protectedResource } from "@ostiary/guard/express";
import express from "express";
import { askForScopes, createNotesServer } from "./notes.ts";

const port = Number(process.env["PORT"] ?? 3001);
const { GUARD_CLIENT_ID: clientId, GUARD_CLIENT_SECRET: clientSecret } = process.env;

const guard = createGuard({
  issuer: process.env["ISSUER"] ?? "http://localhost:4000/auth",
  resource: process.env["RESOURCE"] ?? `http://localhost:${port}/mcp`, // tokens have to be for this URL
  resourceName: "Notes",
  scopesSupported: ["notes:read"],
  // Of `ostiary clients create notes --guard`; without them a token is good until it expires.
  ...(clientId !== undefined && clientSecret !== undefined && { revocation: { clientId, clientSecret } }),
});

const app = express();
app.use(protectedResource(guard)); // where clients find out who signs people in here
app.use(express.json());

app.post("/mcp", authenticate(guard), askForScopes, async (req, res) => {
  if (req.auth === undefined) throw new Error("authenticate() comes first");
  // No sessions of its own: a server for each request, and so none that outlives its caller's token.
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = createNotesServer(req.auth);
  res.on("close", () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  const request: IncomingMessage = req;
  await transport.handleRequest(request, res, req.body);
});

app.all("/mcp", (_req, res) => {
  res.status(405).set("Allow", "POST").end();
});

const listening = app.listen(port, () => console.log(`Listening on http://localhost:${port}/mcp`));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    guard.close();
    listening.close();
    listening.closeAllConnections();
  });
}
