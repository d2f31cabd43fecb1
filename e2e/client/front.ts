/**
 * A server between the browser and the auth server: forwards what comes below `/auth`, and does to requests and answers
 * what networks do. Serves the test pages as well, on the same port and on another one.
 */
import { createServer, request as sendOn } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Takes a request over, or lets it pass by doing nothing. */
export type Meddle = (exchange: Exchange) => Promise<void> | void;

export interface Exchange {
  readonly method: string;
  /** Below the issuer: `/refresh`. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Forwards the request and waits until the server has answered; the browser has not got that answer yet. */
  forward(): Promise<void>;
  /** Ends the connection: whatever the answer was, it is lost. */
  cut(): void;
  /** Answers instead of the server. */
  answer(status: number, headers: Record<string, string>, body: string): void;
}

export interface Front {
  readonly origin: string;
  readonly issuer: string;
  /** Where the auth server really is. */
  target: string;
  /** Called for every request below the issuer. */
  meddle: Meddle;
  /** How many requests each call got: `POST /refresh`. */
  readonly count: Map<string, number>;
  /** What the server answered, also where browsers keep it from the page: `POST /refresh 200`. */
  readonly answers: string[];
  close(): Promise<void>;
}

/** `pages`: what to serve elsewhere than below `/auth`. */
export async function openFront(pages: RequestListener, host = "localhost"): Promise<Front> {
  const count = new Map<string, number>();
  const server = createServer((req, res) => {
    if (req.url?.startsWith("/auth/") === true) void pass(front, req, res);
    else pages(req, res);
  });
  const origin = (await listen(server)).replace("localhost", host);
  const front: Front = {
    origin,
    issuer: `${origin}/auth`,
    target: "",
    meddle: () => {},
    count,
    answers: [],
    close: () => close(server),
  };
  return front;
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

export function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function pass(front: Front, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await readAll(req);
  const path = (req.url ?? "").slice("/auth".length);
  const call = `${req.method} ${path}`;
  front.count.set(call, (front.count.get(call) ?? 0) + 1);

  let answered: Promise<void> | null = null;
  let reply = (): void => {};
  const forward = (): Promise<void> =>
    (answered ??= new Promise((resolve, reject) => {
      const { method, headers } = req;
      const keep = async (answer: IncomingMessage): Promise<void> => {
        const content = await readAll(answer);
        front.answers.push(`${call} ${answer.statusCode}`);
        reply = () => res.writeHead(answer.statusCode ?? 502, answer.headers).end(content);
      };
      const sent = sendOn(front.target + (req.url ?? ""), { method, headers }, (answer) => {
        keep(answer).then(resolve, reject);
      });
      sent.on("error", reject);
      sent.end(body);
    }));
  let isTaken = false;
  try {
    await front.meddle({
      method: req.method ?? "",
      path,
      headers: req.headers,
      forward,
      cut() {
        isTaken = true;
        res.destroy();
      },
      answer(status, headers, content) {
        isTaken = true;
        res.writeHead(status, headers).end(content);
      },
    });
    if (isTaken) return;
    await forward();
    reply();
  } catch {
    res.destroy();
  }
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
