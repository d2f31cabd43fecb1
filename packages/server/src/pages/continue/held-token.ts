import type { Identity } from "@ostiary/guard";
import { GuardError } from "@ostiary/guard/embedded";
import { OstiaryError } from "../../errors.ts";
import { sessionIdOf } from "../../http/session-cookies.ts";
import type { Visit } from "../visit.ts";

/** How young a token is that an app cannot have got before its settings or ours were changed. */
const YOUNG_SECONDS = 60;

/**
 * Whether the browser holds an access token already that is as good as a fresh one. The app tells which token it refused
 * by its `jti`: then a fresh one may help, unless that one was as good as fresh itself. It tells which cookie it reads as
 * well: it sees none of another name. Throws `server_error` in those cases, or people would be sent to and fro for ever.
 */
export async function isHeld(visit: Visit): Promise<boolean> {
  const { c, deps } = visit;
  const token = deps.cookies.readAccess(c);
  const identity = token === null ? null : await judge(visit, token);
  if (identity === null || isOfAnother(visit, identity)) return false;
  const read = c.req.query("cookie");
  if (read !== undefined && read !== deps.cookies.accessName) throw otherCookie(deps.cookies.accessName);
  const { jti, iat } = identity.claims;
  if (c.req.query("refused") !== jti) return true;
  if (deps.sessions.clock() / 1000 - iat > YOUNG_SECONDS) return false;
  throw new OstiaryError(
    "server_error",
    "The app refuses an access token that was only just made for it. Is its guard's audience one of the server's, and its " +
    "clock right?",
  );
}

/** What an app reads is not told on: anybody can write it into an address. */
function otherCookie(name: string): OstiaryError {
  return new OstiaryError(
    "server_error",
    `The access token is in the cookie ${name}, and the app reads another. Have both the same issuer, with https or without?`,
  );
}

/** Somebody else has signed in since. */
function isOfAnother({ c, deps }: Visit, { sessionId }: Identity): boolean {
  const refresh = deps.cookies.readRefreshToken(c);
  return refresh !== null && sessionIdOf(refresh, deps) !== sessionId;
}

async function judge({ deps }: Visit, token: string): Promise<Identity | null> {
  try {
    return await deps.guard.verify(token);
  } catch (error) {
    if (error instanceof GuardError) return null;
    throw error;
  }
}
