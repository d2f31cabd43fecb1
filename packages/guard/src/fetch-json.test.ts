import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { serve } from "../test/http-server.ts";
import { fetchJson } from "./fetch-json.ts";

const JSON_TYPE = { "content-type": "application/json" };

async function get(listener: RequestListener, timeoutSeconds = 5, signal = new AbortController().signal) {
  return fetchJson(await serve(listener), { fetch, timeoutSeconds, signal });
}

test.each(["application/json", "application/json; charset=utf-8", "application/jwk-set+json", "Application/JSON"])(
  "a document of type %s is read",
  async (type) => {
    const { document } = await get((_, res) => res.writeHead(200, { "content-type": type }).end('{"keys":[]}'));
    expect(document).toEqual({ keys: [] });
  },
);

test("fetch is not called as a method of anything: where it belongs to a worker it would refuse", async () => {
  const owners: unknown[] = [];
  const url = await serve((_, res) => res.writeHead(200, JSON_TYPE).end("{}"));
  function fetchOf(this: unknown, ...request: Parameters<typeof fetch>): Promise<Response> {
    owners.push(this);
    return fetch(...request);
  }
  await fetchJson(url, { fetch: fetchOf, timeoutSeconds: 5, signal: new AbortController().signal });
  expect(owners).toEqual([undefined]);
});

test.each([
  ["public, max-age=600", 600],
  ["MAX-AGE=0", 0],
  ["s-maxage=60", undefined],
  ["max-age=-1", undefined],
  ["max-age=99999999999", undefined],
  ["no-store", undefined],
])("Cache-Control %s is fresh for %s seconds", async (cacheControl, seconds) => {
  const headers = { ...JSON_TYPE, "cache-control": cacheControl };
  expect((await get((_, res) => res.writeHead(200, headers).end("{}"))).maxAgeSeconds).toBe(seconds);
});

test.each([301, 302, 303, 307, 308])("a redirect is not followed: %i", async (status) => {
  let followed = false;
  const elsewhere = await serve((_, res) => {
    followed = true;
    res.writeHead(200, JSON_TYPE).end("{}");
  });
  await expect(get((_, res) => res.writeHead(status, { location: elsewhere }).end())).rejects.toThrow(
    `answered ${status} (redirects are not followed)`,
  );
  expect(followed).toBe(false);
});

test.each([
  ["an error", 500, "{}", "application/json", "answered 500"],
  ["another success", 206, "{}", "application/json", "answered 206"],
  ["a page", 200, "<html>", "text/html", "did not answer with JSON"],
  ["no type", 200, "{}", "", "did not answer with JSON"],
  ["a type that only begins like JSON", 200, "{}", "application/jsonp", "did not answer with JSON"],
  ["cut-off JSON", 200, '{"keys":[', "application/json", "malformed JSON"],
  ["an empty body", 200, "", "application/json", "malformed JSON"],
  ["invalid UTF-8", 200, Buffer.from([0x22, 0xff, 0x22]), "application/json", "malformed JSON"],
])("%s is refused", async (_, status, body, type, sentence) => {
  await expect(get((__, res) => res.writeHead(status, { "content-type": type }).end(body))).rejects.toThrow(sentence);
});

test("an endless body is cut off at the limit, compressed or not", async () => {
  let sent = 0;
  const chunk = Buffer.alloc(64 * 1024, " ");
  const endless: RequestListener = (_, res) => {
    res.writeHead(200, JSON_TYPE);
    const push = () => {
      while (!res.destroyed && sent < 50_000_000) {
        sent += chunk.length;
        if (!res.write(chunk)) return void res.once("drain", push);
      }
      res.end();
    };
    push();
  };
  await expect(get(endless)).rejects.toThrow("more than 512 KB");
  expect(sent).toBeLessThan(20_000_000);
  const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
  const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
  await expect(get((_, res) => res.writeHead(200, headers).end(bomb))).rejects.toThrow("more than 512 KB");
});

test("a server that hangs, or drips, is left when the time is over", async () => {
  await expect(get(() => {}, 0.05)).rejects.toThrow("did not answer within 0.05 s");
  const drip: RequestListener = (_, res) => {
    res.writeHead(200, JSON_TYPE);
    const timer = setInterval(() => res.write(" "), 5);
    res.once("close", () => clearInterval(timer));
  };
  await expect(get(drip, 0.1)).rejects.toThrow("did not answer within 0.1 s");
});

test("a server that is not there is named with the reason", async () => {
  const options = { fetch, timeoutSeconds: 5, signal: new AbortController().signal };
  await expect(fetchJson("http://127.0.0.1:9", options)).rejects.toThrow(/^http:\/\/127\.0\.0\.1:9 failed: /);
});

test("an exchange can be ended from outside", async () => {
  const closing = new AbortController();
  const pending = get(() => closing.abort(), 5, closing.signal);
  await expect(pending).rejects.toThrow("failed");
});
