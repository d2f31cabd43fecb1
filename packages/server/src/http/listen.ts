import { createServer } from "node:http";
import type { Server } from "node:http";
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
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    handle(request, response).catch(onError);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(port, error)));
    server.listen(port, resolve);
  });
  return { stop: () => stop(server) };
}

async function stop(server: Server): Promise<void> {
  // A connection that is kept alive becomes idle only after its answer: look again until all are closed.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(deadline);
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): StartError {
  if (cause.code === "EADDRINUSE") {
    return new StartError(`Port ${port} is taken: stop what uses it, or choose another with OSTIARY_PORT.`, { cause });
  }
  return new StartError(`Port ${port} cannot be used (${cause.message}): choose another with OSTIARY_PORT.`, { cause });
}
