import { createServer } from "node:http";
import { close, listen } from "../client/front.ts";

export interface LogoutListener {
  readonly uri: string;
  /** Logout tokens that have come since the last look, oldest first. */
  take(): string[];
  close(): Promise<void>;
}

/** A client's address for logout tokens, which is not behind a browser. */
export async function listenForLogouts(): Promise<LogoutListener> {
  let tokens: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const token = new URLSearchParams(body).get("logout_token");
      const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
      if (request.method === "POST" && isForm && token !== null) tokens.push(token);
      response.writeHead(200, { "cache-control": "no-store" }).end();
    });
  });
  const origin = await listen(server);
  return {
    uri: `${origin}/backchannel_logout`,
    take() {
      const taken = tokens;
      tokens = [];
      return taken;
    },
    close: () => close(server),
  };
}
