import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Settings } from "../config-schema.ts";
import { StartError } from "../errors.ts";
import { toNodeHandler } from "./node-handler.ts";
import type { FetchHandler } from "./node-handler.ts";

/** A request that takes longer to arrive is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long requests under way may take to be answered once the server stops. */
const STOP_TIMEOUT_MS = 10_000;
const IDLE_CHECK_MS = 50;
/** Where more connections come than can be taken, they are left after so long. */
const ACCEPT_TIMEOUT_MS = 3000;

export interface Listening {
  /** Takes no more connections, answers what is under way, and resolves when all is done. */
  stop(): Promise<void>;
}

/** Serves on the configured port. Throws a StartError if the port cannot be had. */
export async function listen(fetch: FetchHandler, { port, onError }: Settings): Promise<Listening> {
  const handle = toNodeHandler(fetch, onError, { ownsProcess: true });
  /** With what each was asked last; of those that wait behind one another on a connection, the last is the one to close it. */
  const connections = new Map<Socket, ServerResponse | null>();
  let stopping = false;
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    connections.set(request.socket, response);
    if (stopping) closeAfter(response);
    handle(request, response).catch(onError);
  });
  server.on("connection", (connection) => {
    connections.set(connection, null);
    connection.once("close", () => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(port, error)));
    server.listen(port, resolve);
  });
  return {
    async stop() {
      stopping = true;
      for (const response of connections.values()) if (response !== null) closeAfter(response);
      await acceptWaiting(server);
      await closeWhenIdle(server, connections);
    },
  };
}

/** So that the client does not send its next request on a connection that is about to close. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
}

/** Takes the connections that clients have made and Node has not looked at yet: closing would reset them. */
async function acceptWaiting(server: Server): Promise<void> {
  let accepted = false;
  const note = (): void => void (accepted = true);
  server.on("connection", note);
  const deadline = performance.now() + ACCEPT_TIMEOUT_MS;
  do {
    accepted = false;
    // The first turn may be over before Node looks at the port again.
    await turn();
    await turn();
  } while (accepted && performance.now() < deadline);
  server.off("connection", note);
}

async function closeWhenIdle(server: Server, connections: ReadonlyMap<Socket, unknown>): Promise<void> {
  let silent: Socket[] = [];
  const check = setInterval(() => {
    // A connection that is kept alive becomes idle only after its answer: look again until all are closed.
    server.closeIdleConnections();
    // Browsers hold connections in reserve, which are not idle to Node: nothing was ever asked on them.
    for (const connection of silent) if (connection.bytesRead === 0) connection.destroy();
    silent = [...connections.keys()].filter(({ bytesRead }) => bytesRead === 0);
  }, IDLE_CHECK_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(check);
  clearTimeout(deadline);
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): StartError {
  if (cause.code === "EADDRINUSE") {
    return new StartError(`Port ${port} is taken: stop what uses it, or choose another with OSTIARY_PORT.`, { cause });
  }
  return new StartError(`Port ${port} cannot be used (${cause.message}): choose another with OSTIARY_PORT.`, { cause });
}
