import { describe, expect, it } from "vitest";
import { startTestServer, TestClient } from "../../test/test-server.ts";
import { createClientInfo } from "./client-address.ts";
import type { TrustedProxies } from "./client-address.ts";

const seen = (trusted: TrustedProxies, peer: string | undefined, forwarded?: string): string | undefined => {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return createClientInfo(trusted)(new Request("http://localhost/", { headers }), { remoteAddress: peer }).remoteAddress;
};

describe("nobody chooses their own address", () => {
  it.each<[string, TrustedProxies, string, string, string]>([
    ["without trusted proxies the header is ignored", [], "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["nor is it read with a count of 0", 0, "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["a peer that is no trusted proxy is not believed", ["10.0.0.0/8"], "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["a trusted proxy is", ["10.0.0.0/8"], "10.1.2.3", "198.51.100.1", "198.51.100.1"],
    ["what the client put before the proxy's entry is not", ["10.0.0.0/8"], "10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    [
      "trusted proxies behind each other are passed over",
      ["10.0.0.0/8"],
      "10.1.2.3",
      "1.1.1.1, 198.51.100.1, 10.9.9.9",
      "198.51.100.1",
    ],
    ["counted: one proxy", 1, "203.0.113.7", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    ["counted: two proxies", 2, "203.0.113.7", "1.1.1.1, 198.51.100.1, 10.0.0.9", "198.51.100.1"],
    ["by name", ["loopback"], "::1", "198.51.100.1", "198.51.100.1"],
    ["IPv6", ["fd00::/8"], "fd00::1", "2001:db8::7", "2001:db8::7"],
    ["an IPv4 peer on an IPv6 socket", ["10.0.0.0/8"], "::ffff:10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1"],
    ["a port is left out", 1, "10.1.2.3", "198.51.100.1:50123", "198.51.100.1"],
    ["a port of IPv6, too", 1, "10.1.2.3", "[2001:db8::7]:443", "2001:db8::7"],
    ["what is no address is not taken for one", 1, "10.1.2.3", "<script>", "10.1.2.3"],
    ["nor is nothing", 1, "10.1.2.3", " , ", "10.1.2.3"],
  ])("%s", (_, trusted, peer, forwarded, expected) => {
    expect(seen(trusted, peer, forwarded)).toBe(expected);
  });

  it("without the header it is the peer's", () => {
    expect(seen(1, "::ffff:10.1.2.3")).toBe("10.1.2.3");
    expect(seen(["loopback"], undefined)).toBeUndefined();
  });
});

describe("sessions and audit", () => {
  it("have the address that the trusted proxy tells, and no other", async () => {
    const server = await startTestServer({ trustProxy: "10.0.0.0/8" });
    const client = new TestClient(server);
    const body = { email: "ada@example.com", password: "correct horse battery staple" };
    const headers = { "x-forwarded-for": "1.1.1.1, 198.51.100.1" };
    await client.call("POST", "/signup", { body, headers, from: "10.0.0.9" });
    await new TestClient(server).call("POST", "/login", { body, headers, from: "203.0.113.7" });
    const events = await server.audit.list({});
    expect(events.map(({ type, ip }) => [type, ip])).toEqual([
      ["login", "203.0.113.7"],
      ["signup", "198.51.100.1"],
      ["user_created", "198.51.100.1"],
    ]);
    const sessions = await server.sessions.list(events[0]?.userId ?? "");
    expect(sessions.map(({ device }) => device.ip)).toEqual(["203.0.113.7", "198.51.100.1"]);
  });
});
