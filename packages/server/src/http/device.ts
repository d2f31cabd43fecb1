import { deviceLabel } from "../sessions/device-label.ts";
import type { Device } from "../sessions/session.ts";
import type { HttpContext } from "./http-context.ts";

const MAX_USER_AGENT = 512;

/** What a request tells of the device it comes from. */
export function deviceOf(c: HttpContext): Device {
  const userAgent = c.req.header("user-agent")?.slice(0, MAX_USER_AGENT) ?? null;
  return { label: deviceLabel(userAgent), ip: ipOf(c.env?.remoteAddress), userAgent };
}

/** IPv4 addresses that reach an IPv6 socket are told in their own form. */
function ipOf(address: string | undefined): string | null {
  return address?.replace(/^::ffff:(?=\d+\.)/i, "") ?? null;
}
