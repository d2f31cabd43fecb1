import { hash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { OstiaryError } from "../../../errors.ts";
import { refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

/** Numbers that tell a stranger how busy the place is: only for whoever has the token of the configuration. */
export const getMetricsRoute: Route = {
  method: "get",
  path: "/metrics",
  at: "server",
  operation: {
    summary: "Metrics for Prometheus, with the token of the configuration",
    security: security("metrics"),
    responses: {
      200: { description: "Metrics.", content: { "text/plain": { schema: z.string() } } },
      ...refusals({ 401: "`missing_token` or `invalid_token`", 404: "`not_found`: no token is configured" }),
    },
  },
  async handle(c, { metrics, settings }) {
    if (metrics === null || settings.metricsToken === undefined) {
      throw new OstiaryError("not_found", "Metrics are not configured: set OSTIARY_METRICS_TOKEN.");
    }
    const [, token] = /^bearer +([\w.~+/=-]+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (token === undefined) throw new OstiaryError("missing_token", "Send the metrics token as a Bearer token.");
    if (!isSame(token, settings.metricsToken)) throw new OstiaryError("invalid_token", "This is not the metrics token.");
    const { contentType, body } = await metrics.text();
    return c.body(body, 200, { "Content-Type": contentType });
  },
};

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}
