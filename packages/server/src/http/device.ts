import Bowser from "bowser";
import type { Device } from "../sessions/session.ts";
import type { HttpContext } from "./http-context.ts";

const MAX_USER_AGENT = 512;

/** What a request tells of the device it comes from. */
export function deviceOf(c: HttpContext): Device {
  const userAgent = c.req.header("user-agent")?.slice(0, MAX_USER_AGENT) ?? null;
  return { label: labelOf(userAgent), ip: ipOf(c.env?.remoteAddress), userAgent };
}

/** "Chrome on macOS"; for what is no browser, the name it gives itself. */
function labelOf(userAgent: string | null): string {
  if (userAgent === null || userAgent === "") return "Unknown device";
  const { browser, os } = Bowser.parse(userAgent);
  const name = browser.name || /^[A-Za-z][\w.-]{0,39}/.exec(userAgent)?.[0] || "Unknown";
  return os.name ? `${name} on ${os.name}` : name;
}

/** IPv4 addresses that reach an IPv6 socket are told in their own form. */
function ipOf(address: string | undefined): string | null {
  return address?.replace(/^::ffff:(?=\d+\.)/i, "") ?? null;
}
