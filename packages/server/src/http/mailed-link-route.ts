import type { z } from "zod";
import type { Random } from "../random.ts";
import type { Device } from "../sessions/session.ts";
import type { MailFlowDeps } from "../users/mail-flow.ts";
import { readBody } from "./body.ts";
import { deviceOf } from "./device.ts";
import { mailFlowDeps } from "./mail-flow.ts";
import { jsonBody, noContent, refusals } from "./operation.ts";
import type { Route } from "./route.ts";

interface MailedLink<Body extends z.ZodType> {
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: Body;
  /** What has to be offered by mail for it. */
  readonly offered: "passwords" | "addresses";
  /** Besides those that every link has. */
  readonly refused?: Record<number, string>;
  readonly follow: (
    flow: MailFlowDeps & { random: Random },
    body: z.output<Body>,
    device: Device,
    signal: AbortSignal,
  ) => Promise<unknown>;
}

/** What is done by a link that was mailed: by whoever has it, and nobody is signed in by it. */
export function mailedLinkRoute<Body extends z.ZodType>(link: MailedLink<Body>): Route {
  const { path, summary, description, body, offered, refused, follow } = link;
  return {
    method: "post",
    path,
    operation: {
      summary,
      ...(description === undefined ? {} : { description }),
      requestBody: jsonBody(body),
      responses: {
        204: noContent,
        ...refusals({
          400: "`invalid_link` or `invalid_request`",
          404: offered === "passwords" ? "`not_found`: no mail is configured" : "`not_found`: not offered here",
          ...refused,
          429: "`too_many_attempts`",
        }),
      },
    },
    async handle(c, deps) {
      const flow = mailFlowDeps(deps, offered);
      await follow(flow, await readBody(c, body), deviceOf(c), c.req.raw.signal);
      return c.body(null, 204);
    },
  };
}
