import { text } from "node:stream/consumers";
import { decode, JwtError } from "@ostiary/jwt";
import type { Command } from "commander";
import { OstiaryError } from "../errors.ts";
import type { SessionSummary } from "../sessions/session-summary.ts";
import type { PublicUser } from "../users/users.ts";
import { everyUser, findUser } from "./find-user.ts";
import { describeHistory, describeSession, historyBody, sessionBody } from "./describe-session.ts";
import { withStore } from "./with-store.ts";
import type { Stored } from "./with-store.ts";

export function addSessionsCommand(program: Command): void {
  const sessions = program.command("sessions").description("List, show and end sessions; works beside a running server.");

  sessions
    .command("list")
    .argument("[user]", "e-mail or id; everybody's without one")
    .description("List live sessions, of everyone or of one user, newest first.")
    .option("--all", "also those that have ended, for the week they are kept")
    .option("--json", "print JSON, one session a line")
    .action((who: string | undefined, options: ListOptions) => withStore((stored) => listSessions(stored, who, options), "rotations"));

  sessions
    .command("show")
    .argument("<sid>", "the session's id")
    .description("Show the life of one session: login, rotations, repeats, theft, end.")
    .option("--json", "print JSON")
    .action((sid: string, { json }: Printing) => withStore((stored) => showSession(stored, sid, json), "rotations"));

  const revoke = sessions
    .command("revoke")
    .argument("[sids...]", "the sessions' ids")
    .description("End sessions at once, named one by one, all of a user's, or everybody's.")
    .option("--user <user>", "all sessions of this user")
    .option("--everybody", "all sessions of all users")
    .option("--json", "print JSON, one session a line")
    .action(async (sids: string[], { user, everybody = false, json }: RevokeOptions) => {
      const named = [sids.length > 0, user !== undefined, everybody].filter(Boolean).length;
      if (named !== 1) revoke.error("Name either sessions, --user <user> or --everybody.", { exitCode: 2 });
      await withStore(async (stored) => {
        if (everybody) await revokeEverybody(stored, json);
        else await (user === undefined ? revokeEach(stored, sids, json) : revokeUser(stored, user, json));
      });
    });

  sessions
    .command("revoke-token")
    .argument("<token>", 'an access token or its jti, or "-" to read either from standard input')
    .description("Make a single access token worthless at once.")
    .option("--json", "print JSON")
    // One jti in 64 begins with a hyphen.
    .allowUnknownOption()
    .addHelpText("after", REVOKE_TOKEN_HELP)
    .action(async (given: string, { json }: Printing) => {
      const jti = jtiOf(given === "-" ? await text(process.stdin) : given);
      await withStore(({ sessions: all }) => all.revokeToken(jti));
      console.log(json ? JSON.stringify({ jti }) : `The token ${jti} is revoked.`);
    });
}

const REVOKE_TOKEN_HELP = `
Its session goes on, and can be refreshed. A token is not verified: what is revoked is the jti that it names.
Example:
  pbpaste | ostiary sessions revoke-token -`;

interface Printing {
  json?: boolean;
}

interface ListOptions extends Printing {
  all?: boolean;
}

interface RevokeOptions extends Printing {
  user?: string;
  everybody?: boolean;
}

async function listSessions(stored: Stored, who: string | undefined, { all = false, json }: ListOptions): Promise<void> {
  let count = 0;
  for await (const user of who === undefined ? everyUser(stored.users) : [await findUser(stored.users, who)]) {
    const sessions = await stored.sessions.list(user.id, { ended: all });
    for (const session of sessions) printSession(session, user, json);
    count += sessions.length;
  }
  if (count === 0 && !json) console.log(all ? "There are no sessions." : "There are no live sessions.");
}

async function showSession({ users, sessions }: Stored, sid: string, json = false): Promise<void> {
  const history = await sessions.history(sid);
  if (history === null) throw noSession(sid);
  const userId = history.session?.userId ?? history.events[0]?.userId ?? null;
  const user = userId === null ? null : await users.find(userId);
  if (json) console.log(JSON.stringify(historyBody(sid, user, history)));
  else for (const line of describeHistory(sid, user, history)) console.log(line);
}

/** Ends those it can find; then fails if there was one it could not. */
async function revokeEach({ users, sessions }: Stored, sids: readonly string[], json = false): Promise<void> {
  const unknown: string[] = [];
  for (const sid of sids) {
    const session = (await sessions.revoke(sid)) ? await sessions.find(sid) : null;
    if (session === null) unknown.push(sid);
    else printSession(session, await users.find(session.userId), json);
  }
  if (unknown.length > 0) throw noSession(unknown.join(", "));
}

async function revokeUser(stored: Stored, who: string, json = false): Promise<void> {
  const user = await findUser(stored.users, who);
  await signOut(stored, user, json);
  if (!json) console.log(`${user.email} is signed out everywhere.`);
}

/** One after the other: who signs in meanwhile stays in. */
async function revokeEverybody(stored: Stored, json = false): Promise<void> {
  let count = 0;
  for await (const user of everyUser(stored.users)) {
    await signOut(stored, user, json);
    count++;
  }
  if (!json) console.log(count === 1 ? "One user is signed out everywhere." : `${count} users are signed out everywhere.`);
}

async function signOut({ sessions }: Stored, user: PublicUser, json: boolean): Promise<void> {
  const live = await sessions.list(user.id);
  await sessions.revokeAll(user.id);
  for (const { id } of live) {
    const session = await sessions.find(id);
    if (session !== null) printSession(session, user, json);
  }
}

function printSession(session: SessionSummary, user: PublicUser | null, json = false): void {
  console.log(json ? JSON.stringify(sessionBody(session, user)) : describeSession(session, user));
}

/** Of a token, what it says of itself. */
function jtiOf(given: string): string {
  const token = given.trim().replace(/^Bearer /i, "");
  if (!token.includes(".")) return token;
  try {
    const { jti } = decode(token).claims;
    if (typeof jti === "string") return jti;
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
  }
  throw new OstiaryError("invalid_request", "This is neither an access token nor the jti of one.");
}

function noSession(sid: string): OstiaryError {
  return new OstiaryError("not_found", `There is no session ${sid}.`);
}
