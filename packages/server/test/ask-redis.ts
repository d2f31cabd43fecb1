import { createClient } from "redis";

/** One command to one server, such as `INFO replication`. The answer, if it is a text. */
export async function askRedis(url: string, ...words: string[]): Promise<string | null> {
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false, connectTimeout: 1000 } });
  client.on("error", () => {});
  try {
    await client.connect();
    const answer: unknown = await client.sendCommand(words);
    return typeof answer === "string" ? answer : null;
  } finally {
    client.destroy();
  }
}
