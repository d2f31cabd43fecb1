import type { Client } from "../clients/client.ts";
import type { IdTokenHint, ReadIdTokenHint } from "./id-token-hint.ts";

/** What a client asks for that sends a user here to sign out (OIDC RP-Initiated Logout 1.0 §2). Null: not said. */
export interface LogoutParameters {
  readonly idTokenHint: string | null;
  readonly clientId: string | null;
  readonly postLogoutRedirectUri: string | null;
  readonly state: string | null;
}

/** What is to be done about it. */
export interface LogoutRequest {
  /** Who asks, as far as it is known. */
  readonly client: Client | null;
  /** Where the user goes afterwards, in full; null: nowhere. */
  readonly returnTo: string | null;
  /** The session that may be ended without asking: the client has an ID token of it. */
  readonly provenSignOnId: string | null;
}

const NOTHING: LogoutRequest = { client: null, returnTo: null, provenSignOnId: null };

/**
 * Nothing here is refused: whoever wants to sign out gets the chance. But a request that contradicts itself proves nothing
 * and leads nowhere, and users go only where the client is registered to have them sent, character by character.
 */
export async function readLogoutRequest(
  { clients, readIdTokenHint }: { clients: { find(id: string): Promise<Client | null> }; readIdTokenHint: ReadIdTokenHint },
  { idTokenHint, clientId, postLogoutRedirectUri, state }: LogoutParameters,
): Promise<LogoutRequest> {
  const read = idTokenHint === null ? null : readIdTokenHint(idTokenHint);
  // One that we cannot read says nothing; who asks is known without it, if they say so.
  const hint = read === "gone" ? null : read;
  if (hint !== null && isOfAnother(hint, clientId)) return NOTHING;
  const id = hint?.clientId ?? clientId;
  const client = id === null ? null : await clients.find(id);
  if (client === null) return NOTHING;
  const isRegistered =
    postLogoutRedirectUri !== null && client.registration?.postLogoutRedirectUris.includes(postLogoutRedirectUri) === true;
  return {
    client,
    returnTo: isRegistered ? withState(postLogoutRedirectUri, state) : null,
    provenSignOnId: hint?.signOnId ?? null,
  };
}

function isOfAnother(hint: IdTokenHint, clientId: string | null): boolean {
  return clientId !== null && clientId !== hint.clientId;
}

/** The address stays as it was registered; `state` is added to whatever query it has (§3). */
function withState(uri: string, state: string | null): string {
  if (state === null) return uri;
  return `${uri}${uri.includes("?") ? "&" : "?"}state=${encodeURIComponent(state)}`;
}
