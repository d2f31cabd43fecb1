/** Notes that people keep, each their own: the tools of the server, and what a token has to say for each. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { AnyIdentity } from "@ostiary/guard";
import { requireScope } from "@ostiary/guard/express";
import type { RequestHandler } from "express";
import { z } from "zod";

/** In memory, by `subject`: an address may change hands, a subject never does. */
const notes = new Map<string, string[]>();

/** What a call of a tool needs. The others need no more than a token. */
const SCOPES = new Map([
  ["list_notes", "notes:read"],
  ["add_note", "notes:write"],
]);

/** A server for one request of somebody. */
export function createNotesServer({ subject, scopes, claims }: AnyIdentity): McpServer {
  const server = new McpServer({ name: "notes", version: "1.0.0" });

  server.registerTool("who_am_i", { description: "Says who is asking, and by which app." }, () =>
    answer({ subject, scopes, app: claims["client_id"] }),
  );
  server.registerTool("list_notes", { description: "Your notes." }, () => answer(notes.get(subject) ?? []));
  server.registerTool("add_note", { description: "Adds a note.", inputSchema: { text: z.string().max(1000) } }, ({ text }) => {
    const own = [...(notes.get(subject) ?? []), text].slice(-100);
    notes.set(subject, own);
    return answer(own);
  });
  return server;
}

/**
 * A tool that needs a scope is refused before MCP hears of it, with 403 and the scope's name: clients ask for it then, and
 * come again. An older protocol sends several calls in one body.
 */
export const askForScopes: RequestHandler = (req, res, next) => {
  // Whatever has not been read here, MCP might still make sense of: nobody would have asked for a scope.
  if (req.body === undefined) {
    res.status(415).end();
    return;
  }
  const [scope, ...others] = [req.body as unknown].flat().flatMap(scopesOf);
  if (scope === undefined) next();
  else requireScope(scope, ...others)(req, res, next);
};

function scopesOf(message: unknown): string[] {
  const { method, params } = Object(message) as { method?: unknown; params?: unknown };
  if (method !== "tools/call") return [];
  const scope = SCOPES.get(String((Object(params) as { name?: unknown }).name));
  return scope === undefined ? [] : [scope];
}

function answer(value: unknown): { content: { type: "text"; text: string }[] } {
  return { content: [{ type: "text", text: JSON.stringify(value) }] };
}
