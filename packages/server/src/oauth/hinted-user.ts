import { AuthorizationRefused } from "./authorization-request.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";
import type { ReadIdTokenHint } from "./id-token-hint.ts";

/** Whom the client means. Throws AuthorizationRefused for a hint that is no ID token of ours, or not of this client. */
export function hintedUser(read: ReadIdTokenHint, { idTokenHint, replyTo, prompts }: AuthorizationRequest): string | null {
  if (idTokenHint === null) return null;
  const hint = read(idTokenHint);
  if (hint === "gone") {
    // Whom it means cannot be told any more; where nobody may be asked, there is no finding out.
    if (prompts.has("none")) {
      throw new AuthorizationRefused("login_required", "The key of id_token_hint is gone: the user has to sign in.");
    }
    return null;
  }
  if (hint?.clientId === replyTo.client.id) return hint.userId;
  throw new AuthorizationRefused("invalid_request", "id_token_hint must be an ID token that this server gave to the client.");
}
