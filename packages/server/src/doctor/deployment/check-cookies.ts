import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

/** Told apart by what a refresh with nonsense under each name is answered: a server reads but one of them. */
export async function checkCookies({ issuer }: Deployment, ask: Ask): Promise<Finding[]> {
  const id = "server.cookies";
  const isSecure = issuer.startsWith("https:");
  const reads = async (name: string): Promise<boolean> => {
    const { body } = await ask(`${issuer}/refresh`, { method: "POST", headers: { cookie: `${name}=of-nobody` } });
    return body?.["reason"] === "token_malformed";
  };
  const [secure, plain] = await Promise.all([reads("__Secure-ostiary_refresh"), reads("ostiary_refresh")]);
  if (secure && isSecure) return [ok(id, "Its cookies are Secure.")];
  if (plain && !isSecure) return [ok(id, "Its cookies work over http.")];
  if (plain) {
    return [error(id, "Its cookies are not Secure: it takes itself for an http server.", "set OSTIARY_ISSUER to its https URL")];
  }
  if (secure) {
    return [
      error(id, "Its cookies are Secure, and browsers send none over http.", "use its https URL, which is its OSTIARY_ISSUER"),
    ];
  }
  return [error(id, "Cookies do not arrive: browsers cannot refresh.", "let the proxy pass the Cookie header on")];
}
