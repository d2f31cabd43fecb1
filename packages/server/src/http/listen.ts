import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Settings } from "../config-schema.ts";
import { StartError } from "../errors.ts";
import { toNodeHandler } from "./node-handler.ts";
import type { FetchHandler } from "./node-handler.ts";

/** A request that takes longer to arrive is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long requests under way may take to be answered once the server stops. */
const STOP_TIMEOUT_MS = 10_000;
const IDLE_CHECK_MS = 50;

export interface Listening {
  /** Takes no more connections, answers what is under way, and resolves when all is done. */
  stop(): Promise<void>;
}

/** Serves on the configured port. Throws a StartError if the port cannot be had. */
export async function listen(fetch: FetchHandler, { port, onError }: Settings): Promise<Listening> {
  const handle = toNodeHandler(fetch, onError);
  const connections = new Set<Socket>();
  const answers = new Set<ServerResponse>();
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    keepUntilClosed(answers, response);
    if (!server.listening) closeAfter(response);
    handle(request, response).catch(onError);
  });
  server.on("connection", (connection) => keepUntilClosed(connections, connection));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(port, error)));
    server.listen(port, resolve);
  });
  return {
    stop() {
      answers.forEach(closeAfter);
      return closeWhenIdle(server, connections);
    },
  };
}

/** So that the client does not send its next request on a connection that is about to close. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
}

async function closeWhenIdle(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  // A connection that is kept alive becomes idle only after its answer: look again until all are closed.
  const idle = setInterval(() => closeIdle(server, connections), IDLE_CHECK_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(deadline);
}

/** Node does not count connections as idle on which nothing was ever asked. Browsers hold such ones in reserve. */
function closeIdle(server: Server, connections: ReadonlySet<Socket>): void {
  server.closeIdleConnections();
  for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
}

function keepUntilClosed<Closing extends Socket | ServerResponse>(set: Set<Closing>, member: Closing): void {
  set.add(member);
  member.once("close", () => set.delete(member));
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): StartError {
  if (cause.code === "EADDRINUSE") {
    return new StartError(`Port ${port} is taken: stop what uses it, or choose another with OSTIARY_PORT.`, { cause });
  }
  return new StartError(`Port ${port} cannot be used (${cause.message}): choose another with OSTIARY_PORT.`, { cause });
}
