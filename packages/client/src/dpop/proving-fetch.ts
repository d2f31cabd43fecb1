import { isRepeatable } from "../authenticated-fetch.ts";
import { issuerOf } from "../issuer-of.ts";
import type { Prover } from "./prove.ts";

/**
 * `fetch` with a proof where one is due: for a token under the scheme `DPoP`, and for what is posted to the issuer without
 * a token, such as a sign-in or a refresh. Sends once more where the server asks for its nonce, or where this clock is wrong.
 * Throws a `TypeError` if the issuer is not a URL.
 */
export function createProvingFetch(fetch: typeof globalThis.fetch, issuer: string, prover: Prover): typeof globalThis.fetch {
  // As requests have it: apps may write a port or capitals that addresses do without.
  const ours = `${issuerOf(issuer)}/`;
  return async (input, init) => {
    const isRequest = input instanceof Request;
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    const authorization = headers.get("Authorization");
    const accessToken = /^DPoP +(\S+)$/i.exec(authorization ?? "")?.[1];
    const { url, method } = new Request(isRequest ? input.url : input, {
      method: init?.method ?? (isRequest ? input.method : "GET"),
    });
    const isToIssuer = authorization === null && method === "POST" && url.startsWith(ours);
    if (headers.has("DPoP") || (accessToken === undefined && !isToIssuer)) return fetch(input, init);

    const send = async (): Promise<{ response: Response; isWorthAnother: boolean }> => {
      const proof = await prover.prove({ method, url, accessToken });
      headers.set("DPoP", proof.text);
      const response = await fetch(input, { ...init, headers });
      return { response, isWorthAnother: await prover.learn(response, url, proof) };
    };
    const first = await send();
    if (!first.isWorthAnother || !isRepeatable(input, init)) return isToIssuer ? onlyBound(first.response) : first.response;
    void first.response.body?.cancel();
    const { response } = await send();
    return isToIssuer ? onlyBound(response) : response;
  };
}

/** Tokens that anybody could use are not what was asked for: they are not kept (RFC 9449 §5). */
async function onlyBound(response: Response): Promise<Response> {
  const body = response.ok ? ((await response.clone().json().catch(() => null)) as Record<string, unknown> | null) : null;
  const type = body?.["tokenType"] ?? body?.["token_type"];
  if (typeof type !== "string" || type.toLowerCase() === "dpop") return response;
  const description = "The session is not bound to this browser's key, so its tokens are not kept.";
  return Response.json({ error: "invalid_token", error_description: description }, { status: 401 });
}
