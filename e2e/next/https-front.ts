/** What stands before a Next server in production: it ends TLS, and tells the client's address. */
import { request as sendOn } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "./certificate.ts";

export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
}

export interface HttpsFront {
  readonly origin: string;
  /** The port that requests go on to. */
  target: number;
  /** Every request so far, with the head of its answer. */
  readonly passed: Passed[];
  close(): Promise<void>;
}

export async function openHttpsFront(): Promise<HttpsFront> {
  const passed: Passed[] = [];
  const server = createServer(selfSigned("localhost"), (req, res) => pass(front, req, res));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const front: HttpsFront = {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    target: 0,
    passed,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return front;
}

function pass(front: HttpsFront, req: IncomingMessage, res: ServerResponse): void {
  const { method = "GET", url = "/" } = req;
  const before = req.headers["x-forwarded-for"];
  const address = req.socket.remoteAddress ?? "";
  const headers = {
    ...req.headers,
    "x-forwarded-for": before === undefined ? address : `${String(before)}, ${address}`,
    "x-forwarded-proto": "https",
    "x-forwarded-host": req.headers.host,
  };
  const sent = sendOn({ port: front.target, host: "localhost", method, path: url, headers }, (answer) => {
    front.passed.push({ method, path: url, status: answer.statusCode ?? 0, headers: answer.headers });
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  sent.on("error", () => res.destroy());
  res.on("close", () => sent.destroy());
  req.pipe(sent);
}
