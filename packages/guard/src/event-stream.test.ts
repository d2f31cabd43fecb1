import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents, type ServerSentEvent } from "./event-stream.ts";

async function read(chunks: Iterable<Uint8Array | string>, limit?: number): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(bytes(chunks), limit)) events.push(event);
  return events;
}

async function* bytes(chunks: Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

test.each([
  ["LF", "event: entry\ndata: 1\n\n", [{ type: "entry", data: "1" }]],
  ["CRLF", "event: entry\r\ndata: 1\r\n\r\n", [{ type: "entry", data: "1" }]],
  ["CR", "event: entry\rdata: 1\r\r", [{ type: "entry", data: "1" }]],
  ["a BOM", "\uFEFFevent: entry\ndata: 1\n\n", [{ type: "entry", data: "1" }]],
  ["no type", "data: 1\n\n", [{ type: "message", data: "1" }]],
  ["several lines of data", "data: 1\ndata\ndata:2\ndata:  3\n\n", [{ type: "message", data: "1\n\n2\n 3" }]],
  ["comments and empty lines", ": hello\n\n\n:\ndata: 1\n: in between\n\n", [{ type: "message", data: "1" }]],
  ["fields that are not read", "id: 7\nretry: 1\nother: x\ndata: 1\n\n", [{ type: "message", data: "1" }]],
  ["no data", "event: entry\n\ndata: 1\n\n", [{ type: "message", data: "1" }]],
  ["a cut end", "data: 1\n\ndata: 2\n", [{ type: "message", data: "1" }]],
  ["nothing", "", []],
  ["a colon in the data", "data: a: b\n\n", [{ type: "message", data: "a: b" }]],
])("events are read with %s", async (_, text, events) => {
  expect(await read([text])).toEqual(events);
});

test("events are the same however the bytes are cut, in the midst of a character or a line end too", async () => {
  const line = fc.constantFrom("data: ü€😀", "data: x", "event: entry", ": comment", "", "data", "id: 1");
  const end = fc.constantFrom("\n", "\r", "\r\n");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(line, end)), fc.array(fc.nat({ max: 7 })), async (lines, cuts) => {
      const whole = Buffer.from(lines.flat().join(""));
      const chunks: Uint8Array[] = [];
      let start = 0;
      for (const cut of cuts) chunks.push(whole.subarray(start, (start += cut)));
      chunks.push(whole.subarray(start));
      expect(await read(chunks)).toEqual(await read([whole]));
    }),
  );
});

test("a line, or an event, without an end is given up at the limit", async () => {
  let sent = 0;
  const endless = function* (chunk: string) {
    for (; sent < 1000; sent++) yield chunk;
  };
  await expect(read(endless("x".repeat(1000)), 10_000)).rejects.toThrow("more than 10000 characters");
  expect(sent).toBeLessThan(12);
  sent = 0;
  await expect(read(endless(`data: ${"x".repeat(994)}\n`), 10_000)).rejects.toThrow("more than 10000 characters");
  expect(sent).toBeLessThan(12);
});

test("many events that are long together are not", async () => {
  const chunks = Array.from({ length: 1000 }, () => `data: ${"x".repeat(990)}\n\n`);
  expect(await read(chunks, 1000)).toHaveLength(1000);
});

test("bytes that are no text are refused", async () => {
  await expect(read([Buffer.from([0x1f, 0x8b, 0x08, 0xff])])).rejects.toThrow("not UTF-8");
});

test("an event is given as soon as its empty line is there", async () => {
  const seen: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("data: 1\n\r");
    seen.push("asked for more");
    yield Buffer.from("\n");
  }
  for await (const { data } of readEvents(source())) seen.push(data);
  expect(seen).toEqual(["1", "asked for more"]);
});
