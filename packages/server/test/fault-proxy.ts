import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/**
 * What the network does: pass everything on; refuse connections and break those there are; take connections and bytes
 * and pass nothing on; pass everything on `delayMs` later.
 */
export type Fault = "pass" | "refuse" | "black-hole" | { readonly delayMs: number };

/** A TCP proxy on loopback that can misbehave. */
export interface FaultProxy {
  readonly port: number;
  set(fault: Fault): void;
  close(): Promise<void>;
}

export async function startFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  let fault: Fault = "pass";
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (fault === "refuse") {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.on("error", () => {}); // "close" follows
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on("data", (chunk: Buffer) => {
        if (fault === "pass") to.write(chunk);
        else if (typeof fault === "object") setTimeout(() => to.write(chunk), fault.delayMs);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");

  const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: address.port,
    set(next) {
      fault = next;
      if (next === "refuse") breakAll();
    },
    async close() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
