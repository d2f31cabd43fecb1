/** A certified OpenID provider of another author for the pages' tests, on another site than theirs: 127.0.0.1, not localhost. */
import { oidc } from "ostiary";
import type { SignInProvider } from "ostiary";
import { startForeignIssuer } from "../oauth/foreign-issuer.ts";
import type { ForeignIssuer } from "../oauth/foreign-issuer.ts";

export interface Works {
  readonly provider: ForeignIssuer;
  readonly signInWith: SignInProvider[];
}

/** `issuer` is our own. */
export async function startWorks(issuer: string): Promise<Works> {
  const client = { client_id: "ostiary", client_secret: "a secret of the tests, long enough" };
  const provider = await startForeignIssuer({
    host: "127.0.0.1",
    clients: [{ ...client, redirect_uris: [`${issuer}/sign-in/with/works/callback`] }],
  });
  const works = oidc({
    id: "works",
    name: "Works",
    issuer: provider.issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
  });
  return { provider, signInWith: [works] };
}
