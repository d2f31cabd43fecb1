import { deviceLabel } from "../sessions/device-label.ts";
import type { Device } from "../sessions/session.ts";
import type { HttpContext } from "./http-context.ts";

const MAX_USER_AGENT = 512;

/** What a request tells of the device it comes from. */
export function deviceOf(c: HttpContext): Device {
  const userAgent = c.req.header("user-agent")?.slice(0, MAX_USER_AGENT) ?? null;
  return { label: deviceLabel(userAgent), ip: c.env?.remoteAddress ?? null, userAgent };
}
