import { z } from "zod";
import { jsonAnswer, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

const status = z.object({ status: z.literal("ok") });

/** Whether the process is alive: restart it if this does not answer. */
export const getHealthRoute: Route = {
  method: "get",
  path: "/healthz",
  at: "server",
  operation: { summary: "Alive", responses: { 200: jsonAnswer("Alive.", status) } },
  handle: (c) => c.json({ status: "ok" }),
};

/** Whether requests would succeed: send no traffic if this answers 503. */
export const getReadinessRoute: Route = {
  method: "get",
  path: "/readyz",
  at: "server",
  operation: {
    summary: "Ready: migrated, and the store answers",
    responses: { 200: jsonAnswer("Ready.", status), ...refusals({}) },
  },
  async handle(c, { check }) {
    await check();
    return c.json({ status: "ok" });
  },
};
