import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

/** Whether requests would succeed. Behind a proxy, or in an application, this path may well be nobody's business. */
export async function checkReady({ issuer }: Deployment, ask: Ask): Promise<Finding[]> {
  const id = "server.ready";
  const { status } = await ask(new URL("/readyz", issuer).href);
  if (status === 200) return [ok(id, "It is migrated, and its store answers.")];
  if (status !== 503) return [ok(id, "Whether its store answers is not shown outside (/readyz).")];
  const mend = "run `npx ostiary doctor --store` on its machine";
  return [error(id, "Its store does not answer, or is not migrated: sign-ins are answered 503.", mend)];
}
