/** A TCP proxy that holds back what passes through it, by a test's own clock. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface BadProxy {
  readonly port: number;
  /** In milliseconds, each way. */
  delay: number;
  /** Gathers what the server sends, and passes it on only when this is set back. */
  buffering: boolean;
  cut(): void;
  close(): void;
}

export async function startBadProxy(targetPort: number, now: () => number): Promise<BadProxy> {
  const pairs = new Set<[Socket, Socket]>();
  const queues = new Set<() => void>();

  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    const pair: [Socket, Socket] = [client, target];
    pairs.add(pair);
    const drains = [carry(client, target, () => false), carry(target, client, () => proxy.buffering)];
    for (const drain of drains) queues.add(drain);
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", () => {
        for (const drain of drains) queues.delete(drain);
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
  });

  /** Each chunk leaves when its time has come, in order. */
  function carry(from: Socket, to: Socket, held: () => boolean): () => void {
    const queue: { readonly chunk: Buffer; readonly at: number }[] = [];
    from.on("data", (chunk: Buffer) => void queue.push({ chunk, at: now() + proxy.delay }));
    return () => {
      while (queue[0] !== undefined && queue[0].at <= now() && !held()) to.write(queue.shift()!.chunk);
    };
  }

  let running = true;
  const turn = () => {
    for (const drain of queues) drain();
    if (running) setImmediate(turn);
  };
  turn();

  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const proxy: BadProxy = {
    port: (server.address() as AddressInfo).port,
    delay: 0,
    buffering: false,
    cut: () => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy())),
    close() {
      running = false;
      server.close();
      proxy.cut();
    },
  };
  onTestFinished(() => proxy.close());
  return proxy;
}
