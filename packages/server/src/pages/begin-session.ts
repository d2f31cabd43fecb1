import { setSessionCookies } from "../http/token-response.ts";
import { deviceOf } from "../http/device.ts";
import { createSession } from "../sessions/create.ts";
import { authenticateUser } from "../users/authenticate.ts";
import { createUser } from "../users/create-user.ts";
import type { NewUser } from "../users/create-user.ts";
import type { User } from "../users/user.ts";
import type { Visit } from "./visit.ts";

/** Signs in as `POST /login` does, limits and audit included; the browser gets all of the session's cookies. */
export async function signIn(visit: Visit, credentials: { email: string; password: string }, remember: boolean): Promise<void> {
  const { c, deps } = visit;
  const user = await authenticateUser(deps.users, credentials, deviceOf(c));
  await begin(visit, user, remember, "login");
}

/** Signs up as `POST /signup` does, and in. */
export async function signUp(visit: Visit, newUser: NewUser): Promise<void> {
  const { c, deps } = visit;
  const user = await createUser({ ...deps.users, random: deps.sessions.random }, newUser, deviceOf(c));
  await begin(visit, user, false, "signup");
}

async function begin({ c, deps }: Visit, user: User, remember: boolean, audit: "login" | "signup"): Promise<void> {
  const deviceCookie = deps.cookies.readDevice(c) ?? deps.cookies.newDevice();
  const issued = await createSession(deps.sessions, user, { remember, deviceCookie, device: deviceOf(c), audit });
  setSessionCookies(c, deps, issued, deviceCookie);
}
