/** The guard around handlers of `node:http`. It decides nothing about tokens. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { errorBody } from "../challenge.ts";
import { GuardError } from "../guard-error.ts";
import type { AnyIdentity } from "../identity.ts";
import { judgeBy, type Authenticator, type Caller, type Demands } from "./demands.ts";
import { toGuardedRequest, toGuardedUpgrade } from "./node-request.ts";

export { serveResource as protectedResource } from "./resource-answer.ts";
export { toGuardedUpgrade };
export type { Demands };

type Handler<Auth> = (request: IncomingMessage, response: ServerResponse, auth: Auth) => unknown;
type UpgradeHandler<Auth> = (request: IncomingMessage, socket: Duplex, head: Buffer, auth: Auth) => unknown;

/** For `createServer`: hands requests with a good access token to `handler`, and answers the others. */
export function authenticate<Who extends AnyIdentity, const Optional extends boolean = false>(
  guard: Authenticator<Who>,
  handler: Handler<Caller<Who, Optional>>,
  demands: Demands<Optional> = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const judge = judgeBy(guard, demands);
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const verdict = await judge(toGuardedRequest(request, request.url ?? "/"));
    if (verdict instanceof GuardError) {
      const body = JSON.stringify(errorBody(verdict));
      response.writeHead(verdict.status, headersOf(verdict, body)).end(body);
    } else {
      await handler(request, response, verdict);
    }
  }
  return (request, response) => void handle(request, response);
}

/**
 * For `server.on("upgrade", …)`: the same for WebSockets. Browsers cannot send an Authorization header with them; they
 * may name the token as a subprotocol, right after `bearer`.
 */
export function authenticateUpgrade<Who extends AnyIdentity, const Optional extends boolean = false>(
  guard: Authenticator<Who>,
  handler: UpgradeHandler<Caller<Who, Optional>>,
  demands: Demands<Optional> = {},
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const judge = judgeBy(guard, demands);
  async function handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the handler listens for them, the errors of the connection would end the process.
    const ignore = (): void => {};
    socket.on("error", ignore);
    const verdict = await judge(toGuardedUpgrade(request));
    if (verdict instanceof GuardError) return answer(socket, verdict);
    socket.off("error", ignore);
    if (!socket.destroyed) await handler(request, socket, head, verdict);
  }
  return (request, socket, head) => void handle(request, socket, head);
}

function answer(socket: Duplex, refusal: GuardError): void {
  const body = JSON.stringify(errorBody(refusal));
  const headers = Object.entries({ ...headersOf(refusal, body), Connection: "close" });
  const head = [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.once("finish", () => socket.destroy()).end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function headersOf(refusal: GuardError, body: string): Record<string, string | number> {
  return { ...refusal.headers, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
}
