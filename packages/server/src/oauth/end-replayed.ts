import { auditEvent } from "../audit/audit-event.ts";
import { revokeToken } from "../revocation/revoke-token.ts";
import { revokeSession } from "../sessions/revoke.ts";
import type { Device } from "../sessions/session.ts";
import type { GrantDeps } from "./granted-tokens.ts";
import type { AuthorizationCode, OAuthStore } from "./oauth-store.ts";

/** By the hash of the code. However many come at once, the log and the guards are told once. */
const underWay = new WeakMap<OAuthStore, Map<string, Promise<void>>>();

/** A code is in two hands, and nobody can tell which is the client's: what it was exchanged for is worthless from now on. */
export async function endReplayed(deps: GrantDeps, code: AuthorizationCode, device: Device): Promise<void> {
  const { store } = deps.oauth;
  const replays = underWay.get(store) ?? new Map<string, Promise<void>>();
  underWay.set(store, replays);
  const ending = replays.get(code.hash) ?? end(deps, code, device).finally(() => replays.delete(code.hash));
  replays.set(code.hash, ending);
  await ending;
}

/** The note comes when the log has it: if it breaks off before, the next replay does it again. */
async function end({ sessions, users, log, oauth }: GrantDeps, code: AuthorizationCode, device: Device): Promise<void> {
  const { hash, clientId, userId, signOnId, jti, sessionId } = code;
  const now = sessions.clock();
  // Looked up anew: others may have come and gone since.
  const kept = await oauth.store.codes.find(hash);
  // Gone since it was found: the access was taken back, or the client deleted, and all that there was has ended with it.
  if (kept === null) return;
  if (kept.replayedAt === null) {
    const who = { userId, sessionId: signOnId };
    await revokeToken({ log, revocations: sessions.revocations, clock: sessions.clock }, { jti, ...who }, device, { clientId });
    await users.audit.append(auditEvent("code_reused", now, device, who, { clientId }));
  }
  // Before the session is looked for: whoever begins it only now looks for the note afterwards.
  await oauth.store.codes.noteReplay(hash, now);
  await revokeSession(sessions, { id: sessionId, userId }, "code_reused", device, { clientId });
}
