import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Answered, Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

/** Whether guards and clients that start from the issuer's URL end up at this server (RFC 8414 §3). */
export async function checkDiscovery({ issuer }: Deployment, ask: Ask): Promise<Finding[]> {
  const { origin, pathname } = new URL(issuer);
  const root = `${origin}/.well-known/oauth-authorization-server${pathname === "/" ? "" : pathname}`;
  const [own, rooted] = await Promise.all([ask(`${issuer}/.well-known/openid-configuration`), ask(root)]);
  return [checkIssuer(issuer, own), checkEndpoints(issuer, own), checkRoot(own, rooted)];
}

function checkIssuer(issuer: string, { body }: Answered): Finding {
  const id = "discovery.issuer";
  const said = body?.["issuer"];
  if (said === issuer) return ok(id, "It calls itself by the URL it was asked by.");
  const message =
    `It calls itself ${JSON.stringify(said)}, and was asked as ${issuer}: guards compare them character by character, and ` +
    "refuse.";
  return error(id, message, "make them the same: OSTIARY_ISSUER of the server, `issuer` of the guards");
}

function checkEndpoints(issuer: string, { body }: Answered): Finding {
  const id = "discovery.endpoints";
  const addresses = Object.entries(body ?? {}).filter(([name]) => name === "jwks_uri" || name.endsWith("_endpoint"));
  const strange = addresses.filter(([, url]) => typeof url !== "string" || !url.startsWith(`${issuer}/`));
  if (addresses.some(([name]) => name === "jwks_uri") && strange.length === 0) {
    return ok(id, "Every address it names is its own.");
  }
  const message =
    "It names addresses that are not below its issuer, or no jwks_uri: " +
    `${strange.map(([name]) => name).join(", ") || "jwks_uri"}.`;
  return error(id, message, "set OSTIARY_ISSUER to the URL people know it by, and let no proxy rewrite its answers");
}

function checkRoot(own: Answered, rooted: Answered): Finding {
  const id = "discovery.root";
  if (rooted.status !== 200 || rooted.body === null) {
    const message = `${rooted.url} is answered with ${rooted.status}: clients that look there first (RFC 8414) do not find it.`;
    return warning(id, message, "let the proxy pass that path on; in an application, add app.use(ostiary.wellKnown)");
  }
  if (rooted.body["issuer"] === own.body?.["issuer"] && rooted.body["jwks_uri"] === own.body?.["jwks_uri"]) {
    return ok(id, "The document at the root of the host says the same.");
  }
  return error(id, `${rooted.url} describes another server.`, "let the proxy pass both paths on to the same server");
}
