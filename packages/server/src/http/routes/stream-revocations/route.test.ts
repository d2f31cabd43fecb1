import { describe, expect, it } from "vitest";
import { openFeed } from "../../../../test/feed-reader.ts";
import {
  ISSUER,
  START,
  TestClient,
  basic,
  refusal,
  startTestServer,
  temporaryFile,
} from "../../../../test/test-server.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";

async function start(config: OstiaryConfig = {}) {
  const server = await startTestServer(config);
  const guard = await server.clients.create({ name: "API", guard: true });
  const request = (method: string, headers: Record<string, string> = {}) =>
    server.fetch(new Request(`${ISSUER}/revocations`, { method, headers: { authorization: basic(guard), ...headers } }));
  /** Signs people up and out again: as many entries. */
  const signOut = async (count: number) => {
    for (let i = 0; i < count; i++) await server.sessions.revokeToken(`t${(tokens += 1)}`);
  };
  let tokens = 0;
  return { server, guard, request, signOut };
}

describe("GET /revocations", () => {
  it("200: a stream of events that nothing on the way may hold back or keep", async () => {
    const { request } = await start();
    const response = await request("GET");
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    await response.body?.cancel();
  });

  it("200: the events are as documented, to the byte", async () => {
    const { server, request } = await start();
    await server.sessions.revokeToken("before");
    const response = await request("GET");
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let text = "";
    const nextText = async (): Promise<string> => {
      const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
      if (done) throw new Error(`The feed ended after ${text}.`);
      // The server's clock goes on while it is read.
      return decoder.decode(value, { stream: true }).replaceAll(/"now":\d+(\.\d+)?/g, `"now":${now}`);
    };
    const until = async (end: string): Promise<string> => {
      while (!text.endsWith(end)) text += await nextText();
      return text;
    };
    const now = START / 1000;
    const entry = (seq: number, value: string) =>
      `{"seq":${seq},"kind":"token","value":"${value}","effect":"revoked","expiresAt":${now + 1200},"reason":"token_revoked"}`;
    const snapshot = `event: snapshot\nid: 1\ndata: {"seq":1,"now":${now},"more":false,"entries":[${entry(1, "before")}]}\n\n`;
    const heartbeat = (seq: number) => `event: heartbeat\ndata: {"seq":${seq},"now":${now}}\n\n`;
    expect(await until(heartbeat(1))).toBe(snapshot + heartbeat(1));
    text = "";
    await server.sessions.revokeToken("after");
    const live = `event: entry\nid: 2\ndata: ${entry(2, "after")}\n\n`;
    expect(await until(live)).toBe(live);
    await reader.cancel();
  });

  it("200: beats once a second", async () => {
    const { server, guard } = await start({ clock: Date.now });
    const reader = await openFeed(server, guard);
    const times: number[] = [];
    for (let beats = 0; beats < 3; beats++) {
      const events = await reader.until(({ event }) => event === "heartbeat");
      times.push(events.at(-1)!.data.seq, performance.now());
    }
    expect(times).toHaveLength(6);
    await reader.cancel();
  });

  it("200: after Last-Event-ID, what came since", async () => {
    const { server, guard, signOut } = await start();
    await signOut(3);
    const events = await (await openFeed(server, guard, { "last-event-id": "1" })).until(({ event }) => event === "heartbeat");
    expect(events.map(({ event, id }) => [event, id])).toEqual([["entry", 2], ["entry", 3], ["heartbeat", null]]);
  });

  it.each(["", "x", "-1", "+1", "1.5", "1e0", "1e300", "0x1", "1, 1", "9".repeat(400), "99999999999999999999", "٣", "3", "NaN"])(
    "200: the whole log, for the Last-Event-ID %j",
    async (id) => {
      const { server, guard, signOut } = await start();
      await signOut(2);
      const given = id === "٣" ? Buffer.from(id).toString("latin1") : id;
      const first = await (await openFeed(server, guard, { "last-event-id": given })).next();
      expect(first).toMatchObject({ event: "snapshot", id: 2, data: { more: false, entries: [{ seq: 1 }, { seq: 2 }] } });
    },
  );

  it("200: the place that another server of the deployment has told, though this one has not read so far", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const { server, guard } = await start({ databaseUrl });
    const other = await startTestServer({ databaseUrl });
    await other.sessions.revokeToken("theirs");
    const [first] = await (await openFeed(server, guard, { "last-event-id": "1" })).until(() => true);
    expect(first).toMatchObject({ event: "heartbeat", data: { seq: 1 } });
  });

  it("200: a snapshot that is read while entries are appended has them all, once", async () => {
    const { server, guard, signOut } = await start({ databaseUrl: `sqlite:${temporaryFile()}` });
    await signOut(30);
    const [reader] = await Promise.all([openFeed(server, guard), signOut(20)]);
    await signOut(10);
    const values = await reader
      .valuesUntil(50)
      .then(async (seen) => (seen.length < 60 ? [...seen, ...(await reader.valuesUntil(60))] : seen));
    expect(values).toEqual(Array.from({ length: 60 }, (_, i) => `t${i + 1}`));
  });

  it("200: HEAD tells the headers and follows nothing", async () => {
    const { server, request } = await start();
    const response = await request("HEAD");
    expect([response.status, response.headers.get("content-type"), response.body]).toEqual([200, "text/event-stream", null]);
    await server.close();
  });

  it("405 for everything else, preflights too", async () => {
    const { request } = await start({ allowedOrigins: "https://app.example.com" });
    for (const method of ["POST", "DELETE", "OPTIONS"]) {
      const response = await request(method, { origin: "https://app.example.com", "access-control-request-method": "GET" });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
  });

  it("503 store_unavailable for who needs the store; feeds and those who come back go on", async () => {
    const { server, guard, request } = await start();
    const reader = await openFeed(server, guard);
    await reader.until(({ event }) => event === "heartbeat");
    const stranger = await server.clients.create({ name: "never came", guard: true });
    server.feed.end();
    expect(await reader.next()).toBeNull();
    const stopped = await request("GET");
    expect([stopped.status, stopped.headers.get("retry-after")]).toEqual([503, "1"]);
    await server.close();
    const answer = await new TestClient(server).call("GET", "/revocations", { headers: { authorization: basic(stranger) } });
    expect(refusal(answer)).toEqual({ status: 503, error: "unavailable", reason: "store_unavailable" });
  });

  it("ends within a second or so when the client is deleted, or gets another secret, by another process", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const { server, guard } = await start({ databaseUrl });
    const other = await startTestServer({ databaseUrl });
    const rotated = await server.clients.create({ name: "rotated", guard: true });
    const readers = [await openFeed(server, guard), await openFeed(server, rotated)];
    await other.clients.delete(guard.clientId);
    await other.clients.rotateSecret(rotated.clientId);
    for (const reader of readers) await expect(reader.until(() => false)).rejects.toThrow("cut off");
    await expect(openFeed(server, guard)).rejects.toThrow("401");
  });
});
