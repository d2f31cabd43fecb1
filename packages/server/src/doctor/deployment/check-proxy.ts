import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Answered, Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

/** An origin that nobody can have (RFC 6761 §6.4). */
const STRANGER = "https://doctor.invalid";

/** Whether what stands before the server takes away from requests, or adds to answers. */
export async function checkProxy({ issuer }: Deployment, ask: Ask): Promise<Finding[]> {
  const [bearer, stranger] = await Promise.all([
    ask(`${issuer}/me`, { headers: { authorization: "Bearer of-nobody" } }),
    ask(`${issuer}/csrf`, { headers: { origin: STRANGER } }),
  ]);
  return [checkAuthorization(bearer), checkOrigin(stranger), checkCaching(bearer)];
}

function checkAuthorization({ status, body }: Answered): Finding {
  const id = "proxy.authorization";
  if (body?.["error"] === "invalid_token") return ok(id, "The Authorization header arrives.");
  const message =
    `A request with a token is answered ${status} ${typeof body?.["error"] === "string" ? body["error"] : ""}: its ` +
    "Authorization header does not arrive.";
  return error(id, message, "let the proxy pass the Authorization header on");
}

function checkOrigin({ status, headers }: Answered): Finding {
  const id = "proxy.origins";
  const allowed = headers.get("access-control-allow-origin");
  if (allowed !== null) {
    const message = `Scripts of any site may read its answers (Access-Control-Allow-Origin: ${allowed}).`;
    return error(id, message, "take the CORS headers out of the proxy: Ostiary sends them for OSTIARY_ALLOWED_ORIGINS");
  }
  if (status === 403) return ok(id, "Scripts of other sites are refused.");
  return error(
    id,
    `A request from a foreign site is answered ${status}: its Origin header does not arrive.`,
    "let the proxy pass the Origin header on",
  );
}

function checkCaching({ headers }: Answered): Finding {
  const id = "proxy.caching";
  if (/\bno-store\b/i.test(headers.get("cache-control") ?? "")) return ok(id, "What is personal is kept by no cache.");
  return error(
    id,
    "Answers about people may be kept by caches: no-store does not arrive.",
    "let the proxy leave Cache-Control as it is",
  );
}
