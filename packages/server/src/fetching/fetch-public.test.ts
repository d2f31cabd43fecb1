import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFetchPublic } from "./fetch-public.ts";
import { isPublicAddress } from "./public-address.ts";

const MAX = { maxBytes: 1000 };

/** A program of this machine, which must not be reached unless a test says so. */
async function listen(handle: RequestListener) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: (path = "/") => `http://127.0.0.1:${port}${path}`, asked: () => asked };
}

describe("what strangers name is fetched from the public internet alone", () => {
  it.each(
    `
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.1.2.3 169.254.169.254 172.16.0.1 192.0.0.1 192.0.2.1
    192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1
    ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1
    100::1 2001::1 2001:db8::1 2002:7f00:1:: fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 4000::1
    nonsense
    `.trim().split(/\s+/),
  )("not from %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])("but from %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://user:password@example.com/",
    "nonsense",
  ])("%s is refused before anything is sent", async (url) => {
    const fetch = createFetchPublic({ resolve: async () => [{ address: "127.0.0.1", family: 4 }] });
    await expect(fetch(url, MAX)).rejects.toThrow(/public internet|https address/);
  });

  it("a name that has one private address among its own is refused", async () => {
    const addresses = [{ address: "1.1.1.1", family: 4 }, { address: "10.0.0.7", family: 4 }];
    await expect(createFetchPublic({ resolve: async () => addresses })("https://rebind.example/", MAX)).rejects.toThrow(
      "public internet",
    );
    await expect(createFetchPublic({ resolve: async () => [] })("https://nowhere.example/", MAX)).rejects.toThrow("no address");
  });

  it("the connection goes to the very address that was checked: the name is asked for once", async () => {
    let times = 0;
    const { port } = await listen((request, response) => response.end(request.headers.host));
    const resolve = async () => [{ address: ++times === 1 ? "127.0.0.1" : "10.0.0.7", family: 4 }];
    const { body } = await createFetchPublic({ resolve, allowLoopback: true })(`http://rebind.example:${port}/`, MAX);
    expect([times, body.toString()]).toEqual([1, `rebind.example:${port}`]);
  });
});

describe("what is fetched", () => {
  const fetch = createFetchPublic({ allowLoopback: true });

  it("comes back as it is, a redirect too: nobody follows it", async () => {
    const { url, asked } = await listen((request, response) => {
      if (request.url === "/from") response.writeHead(302, { location: "/to" }).end();
      else response.writeHead(200, { "cache-control": "max-age=60" }).end("there");
    });
    expect(await fetch(url("/from"), MAX)).toMatchObject({ status: 302, headers: { location: "/to" } });
    expect(asked()).toBe(1);
    const { status, headers, body } = await fetch(url("/to"), MAX);
    expect([status, headers["cache-control"], body.toString()]).toEqual([200, "max-age=60", "there"]);
  });

  it("is cut where it is too long, whatever it says of its length", async () => {
    const { url } = await listen((_, response) => void response.write("x".repeat(1001)));
    await expect(fetch(url(), MAX)).rejects.toThrow("longer than 1000 bytes");
  });

  it("is refused where it breaks off, or nobody is there; an end from outside ends it", async () => {
    const { url } = await listen((request, response) => {
      if (request.url !== "/broken") return;
      response.writeHead(200, { "content-length": "100" }).write("x");
      setImmediate(() => response.destroy());
    });
    await expect(fetch(url("/broken"), MAX)).rejects.toThrow("could not be reached");
    await expect(fetch("http://127.0.0.1:1/", MAX)).rejects.toThrow("could not be reached");
    const stopping = new AbortController();
    const hanging = fetch(url("/silent"), { ...MAX, signal: stopping.signal });
    stopping.abort();
    await expect(hanging).rejects.toThrow("could not be reached");
  });

  it("is asked for by a form where there is one", async () => {
    const { url } = await listen((request, response) => void request.pipe(response));
    const { body } = await fetch(url(), { ...MAX, form: new URLSearchParams({ logout_token: "a b" }) });
    expect(body.toString()).toBe("logout_token=a+b");
  });
});
