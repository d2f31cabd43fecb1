import { REVOCATION_FEED_PATH } from "@ostiary/protocol";
import { z } from "zod";
import { requireGuard } from "../../client-authentication.ts";
import type { HttpContext } from "../../http-context.ts";
import { refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const streamRevocationsRoute: Route = {
  method: "get",
  path: REVOCATION_FEED_PATH,
  forPrograms: true,
  operation: {
    summary: "Follow the revocation log",
    description:
      "Server-Sent Events for guards, without end: `snapshot` with the log as it stands (or, after `Last-Event-ID`, the " +
      "entries since), then `entry` for each new one and `heartbeat` each second.",
    security: security("client"),
    requestParams: { header: z.object({ "Last-Event-ID": z.string().optional() }) },
    responses: {
      200: { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
      ...refusals({
        401: "`invalid_client`",
        403: "`unauthorized_client`: the client is no guard",
        429: "`too_many_attempts`, for wrong credentials",
      }),
    },
  },
  async handle(c, deps) {
    const client = await requireGuard(c, deps);
    c.header("Content-Type", "text/event-stream");
    // nginx would hold events back until it has a few kilobytes of them.
    c.header("X-Accel-Buffering", "no");
    // Who asks for the headers alone follows nothing.
    if (c.req.method === "HEAD") return c.body(null);
    const after = lastEventId(c);
    // Another server may have sent what this one has not read yet.
    if (after !== null && after > deps.revocations.seq) await deps.revocations.catchUp();
    return c.body(await deps.feed.open({ client, after, disconnect: c.env?.disconnect }));
  },
};

/** Null for what is not one of ours: a follower that cannot say what it has gets everything. */
function lastEventId(c: HttpContext): number | null {
  const given = c.req.header("last-event-id") ?? "";
  return /^\d{1,15}$/.test(given) ? Number(given) : null;
}
