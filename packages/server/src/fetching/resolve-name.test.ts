import { createSocket } from "node:dgram";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFetchPublic } from "./fetch-public.ts";
import { createResolveName } from "./resolve-name.ts";

const A = 1;

/** A name server that knows one address of every name, or says nothing at all. */
async function startNameServer({ isSilent = false } = {}) {
  let asked = 0;
  const socket = createSocket("udp4", (question, from) => {
    asked++;
    if (!isSilent) socket.send(answerTo(question), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void socket.close());
  return { servers: [`127.0.0.1:${socket.address().port}`], asked: () => asked };
}

/** RFC 1035 §4.1: the question again, and 10.0.0.7 if IPv4 was asked for. */
function answerTo(question: Buffer): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const isIpv4 = question.readUInt16BE(end - 4) === A;
  const header = Buffer.from([question[0] ?? 0, question[1] ?? 0, 0x81, 0x80, 0, 1, 0, isIpv4 ? 1 : 0, 0, 0, 0, 0]);
  const address = Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 7]);
  return Buffer.concat([header, question.subarray(12, end), ...(isIpv4 ? [address] : [])]);
}

describe("a stranger's name", () => {
  const never = new AbortController().signal;

  it("is asked for at the name servers, not by the system's threads; what comes is checked like any other", async () => {
    const { servers, asked } = await startNameServer();
    const resolve = createResolveName({ servers });
    expect(await resolve("app.example", never)).toEqual([{ address: "10.0.0.7", family: 4 }]);
    expect(asked()).toBe(2);
    await expect(createFetchPublic({ resolve })("https://app.example/", { maxBytes: 10 })).rejects.toThrow("public internet");
  });

  it("whose server is silent is let go of when nobody waits any more, and only so many wait at once", async () => {
    const { servers, asked } = await startNameServer({ isSilent: true });
    const resolve = createResolveName({ servers });
    const stopping = new AbortController();
    const waiting = Array.from({ length: 64 }, (_, i) => resolve(`${i}.example`, stopping.signal));
    await expect(resolve("one-more.example", never)).rejects.toThrow("Too many");
    await expect.poll(asked).toBeGreaterThan(0);
    stopping.abort();
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe("rejected");
  });

  it("localhost is one for tests alone", async () => {
    const { servers, asked } = await startNameServer();
    expect(
      (await createResolveName({ servers, allowLoopback: true })("localhost", never)).map(({ address }) => address),
    ).toContain("127.0.0.1");
    expect(asked()).toBe(0);
    expect(await createResolveName({ servers })("localhost", never)).toEqual([{ address: "10.0.0.7", family: 4 }]);
  });
});
