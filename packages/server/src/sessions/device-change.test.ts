import { describe, expect, it } from "vitest";
import { brokenBinding, deviceChange } from "./device-change.ts";

const at = (ip: string | null) => ({ label: "", ip, userAgent: "curl/8.5.0" });
const by = (userAgent: string | null) => ({ label: "", ip: "203.0.113.7", userAgent });

const CHROME = (version: string, os = "Macintosh; Intel Mac OS X 10_15_7"): string =>
  `Mozilla/5.0 (${os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36`;

describe("another network", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7", "203.0.113.250"],
    ["2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"],
    ["2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0002"],
    ["fe80::1%eth0", "fe80::2%eth0"],
    [null, null],
  ])("is not where %s and %s are", (before, now) => {
    expect(deviceChange(at(before), at(now))).toBeNull();
  });

  it.each([
    ["203.0.113.7", "203.0.112.7"],
    ["203.0.113.7", "198.51.100.7"],
    ["2001:db8:0:1::1", "2001:db8:0:2::1"],
    ["203.0.113.7", "2001:db8::1"],
    ["2001:db8::1", "203.0.113.7"],
    ["203.0.113.7", null],
    [null, "203.0.113.7"],
    ["203.0.113.7", "nonsense"],
    ["nonsense", "2001:db8::1"],
  ])("is where %s is not and %s is", (before, now) => {
    const change = deviceChange(at(before), at(now));
    expect(change).toEqual({ network: { from: before, to: now } });
    expect(brokenBinding(change, "network")).toBe("network_changed");
    expect(brokenBinding(change, "user-agent")).toBeNull();
    expect(brokenBinding(change, "none")).toBeNull();
  });
});

describe("another user agent", () => {
  it.each([
    ["an update of the browser", CHROME("140.0.0.0"), CHROME("141.0.7390.55")],
    ["an update of the system", CHROME("140.0"), CHROME("140.0", "Macintosh; Intel Mac OS X 11_0")],
    [
      "an update of Firefox",
      "Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0",
      "Mozilla/5.0 (X11; rv:141.0) Gecko/20100101 Firefox/141.0",
    ],
  ])("%s is told, and forgiven", (_, before, now) => {
    const change = deviceChange(by(before), by(now));
    expect(change).toEqual({ userAgent: { from: before, to: now } });
    expect(brokenBinding(change, "user-agent")).toBeNull();
  });

  it.each([
    ["another browser", CHROME("140.0"), CHROME("140.0").replace("Chrome", "Vivaldi")],
    ["another system", CHROME("140.0"), CHROME("140.0", "Windows NT 10.0; Win64; x64")],
    ["another name that ends with a number", "agent-1", "agent-2"],
    ["one that no longer says", "curl/8.5.0", null],
    ["one that did not say before", null, "curl/8.5.0"],
  ])("%s ends a session that is bound", (_, before, now) => {
    const change = deviceChange(by(before), by(now));
    expect(brokenBinding(change, "user-agent")).toBe("user_agent_changed");
    expect(brokenBinding(change, "network")).toBeNull();
    expect(brokenBinding(change, "none")).toBeNull();
  });
});
