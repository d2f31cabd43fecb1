import type { Delivery } from "@ostiary/protocol";
import { z } from "zod";
import { OstiaryError } from "../errors.ts";
import { inTime } from "../in-time.ts";
import { adoptSession } from "../sessions/adopt.ts";
import type { ProofOfKey } from "../sessions/bound-session.ts";
import type { AdoptedSession, AdoptSessionHook } from "./adopt-session-hook.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { refuseForeignOrigin } from "./origin-check.ts";
import { respondWithTokens } from "./token-response.ts";

/** What a person waits for the application's database. */
const PATIENCE_MS = 2000;

const answerSchema = z
  .object({ userId: z.string().min(1), remember: z.boolean().optional() })
  .nullish() satisfies z.ZodType<AdoptedSession | null | undefined>;

/**
 * Answers a refresh without a token of ours with a new session, if the application vouches for it; null if it does not,
 * and then no cookie is touched: of two tabs that come at once, one is refused.
 * Throws `csrf_failed`, `invalid_token` for a user who may have no session, and `unavailable` if the hook fails,
 * `too_many_attempts` after many credentials that it did not know.
 */
export async function answerByAdoption(
  c: HttpContext,
  deps: HttpDeps,
  { body, delivery, proof }: { body: Uint8Array; delivery: Delivery; proof: ProofOfKey | null },
): Promise<Response | null> {
  const { adoptSession: hook } = deps.settings;
  // A browser that has had a session here has moved already. Whoever has signed out in it stays so, whatever the earlier
  // system has left behind.
  if (hook === undefined || (delivery === "cookie" && deps.cookies.readDevice(c) !== null)) return null;
  refuseForeignOrigin(c, deps);
  const adopted = await ask(hook, c, body);
  if (adopted === null) {
    // In a body it is counted where it is refused.
    if (delivery === "cookie") await deps.users.limits.wrongToken(deviceOf(c).ip);
    return null;
  }

  const proofKey = (await proof?.spend()) ?? null;
  const device = delivery === "cookie" ? deps.cookies.newDevice() : null;
  const { remember = false, userId } = adopted;
  const domain = { ...deps.sessions, users: deps.users.store, audit: deps.users.audit, factors: deps.factors };
  const issued = await adoptSession(domain, userId, { remember, deviceCookie: device, device: deviceOf(c), proofKey });
  if (delivery === "cookie") deps.cookies.clearAccess(c);
  return respondWithTokens(c, deps, issued, { delivery, device, status: 200 });
}

/** The hook gets a request of its own, whose body has not been read. */
async function ask(hook: AdoptSessionHook, c: HttpContext, body: Uint8Array): Promise<AdoptedSession | null> {
  const { url, method, raw } = c.req;
  const request = new Request(url, { method, headers: raw.headers, body: body.length === 0 ? null : Buffer.from(body) });
  return askInTime(hook, request);
}

/** Throws `unavailable` if the hook fails, does not answer in time, or answers what is no answer. */
export async function askInTime(
  hook: AdoptSessionHook,
  request: Request,
  patienceMs = PATIENCE_MS,
): Promise<AdoptedSession | null> {
  try {
    // It may throw before it gives a promise, and need not give one.
    return answerSchema.parse(await inTime(patienceMs, "adoptSession", (async () => hook(request))())) ?? null;
  } catch (cause) {
    throw new OstiaryError("unavailable", "The session cannot be taken over at the moment.", { retryAfterSeconds: 5, cause });
  }
}
