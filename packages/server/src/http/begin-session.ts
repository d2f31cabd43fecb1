import type { Delivery } from "@ostiary/protocol";
import { createSession } from "../sessions/create.ts";
import { hashOf } from "../sessions/hash-of.ts";
import { endReplacedSession } from "../sessions/replace.ts";
import type { IssuedTokens } from "../sessions/session-deps.ts";
import { authenticateUser } from "../users/authenticate.ts";
import { createUser } from "../users/create-user.ts";
import type { NewUser } from "../users/create-user.ts";
import type { User } from "../users/user.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

export interface SessionWishes {
  readonly remember: boolean;
  readonly delivery: Delivery;
}

/** A new session, and what names the browser it is in; null where there is no browser. */
export interface Begun {
  readonly issued: IssuedTokens;
  readonly device: string | null;
}

/** Signs in, for the API and the hosted pages alike. Throws what `authenticateUser` throws. */
export async function signIn(
  c: HttpContext,
  deps: HttpDeps,
  credentials: { readonly email: string; readonly password: string },
  wishes: SessionWishes,
): Promise<Begun> {
  const known = deps.cookies.readDevice(c);
  const deviceHash = known === null ? null : hashOf(known);
  const user = await authenticateUser(deps.users, { ...credentials, deviceHash }, deviceOf(c), c.req.raw.signal);
  return begin(c, deps, user, wishes, "login");
}

/** Signs up, and in. Throws what `createUser` throws, and `too_many_attempts`. */
export async function signUp(c: HttpContext, deps: HttpDeps, newUser: NewUser, wishes: SessionWishes): Promise<Begun> {
  const device = deviceOf(c);
  await deps.users.limits.signup(device.ip);
  const user = await createUser({ ...deps.users, random: deps.sessions.random }, newUser, device, c.req.raw.signal);
  return begin(c, deps, user, wishes, "signup");
}

async function begin(
  c: HttpContext,
  { cookies, sessions }: HttpDeps,
  user: User,
  { remember, delivery }: SessionWishes,
  audit: "login" | "signup",
): Promise<Begun> {
  const device = delivery === "cookie" ? (cookies.readDevice(c) ?? cookies.newDevice()) : null;
  const issued = await createSession(sessions, user, { remember, deviceCookie: device, device: deviceOf(c), audit });
  if (delivery === "cookie") await endReplacedSession(sessions, cookies.readRefreshToken(c), issued.session);
  return { issued, device };
}
