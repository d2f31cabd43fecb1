import { OstiaryError } from "../errors.ts";
import type { Session } from "../sessions/session.ts";
import type { User } from "../users/user.ts";

/** What the `claims` hook is shown: never a password hash or a session secret. */
export type ClaimsUser = Pick<User, "id" | "email" | "emailVerified" | "name" | "roles">;
export type ClaimsSession = Pick<Session, "id" | "clientId" | "authTime" | "methods" | "remember">;

/** Your own claims for access tokens. Called for each token issued; keep it quick. */
export type ClaimsHook<Claims extends object = object> = (
  user: ClaimsUser,
  session: ClaimsSession,
) => Claims | Promise<Claims>;

/** A token travels with every request: this much of your own is plenty. In bytes of JSON. */
const MAX_BYTES = 2048;

const RESERVED = new Set([
  "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "ver", "scope", "roles",
  "cnf", "act", "may_act", "auth_time", "acr", "amr", "azp", "nonce", "events", "__proto__",
]);

const LOOKS_SECRET = /passw|secret|credential|private.?key|api.?key|refresh.?token|access.?token|hash$/i;

/** Runs the hook. Whatever is wrong with it, no token is issued without its claims: it throws `unavailable`. */
export async function customClaims(hook: ClaimsHook, user: User, session: Session): Promise<Record<string, unknown>> {
  try {
    const claims: unknown = await hook(
      { id: user.id, email: user.email, emailVerified: user.emailVerified, name: user.name, roles: user.roles },
      {
        id: session.id,
        clientId: session.clientId,
        authTime: session.authTime,
        methods: [...session.methods],
        remember: session.remember,
      },
    );
    return checked(claims);
  } catch (cause) {
    throw new OstiaryError("unavailable", "A token cannot be issued at the moment.", { retryAfterSeconds: 5, cause });
  }
}

function checked(claims: unknown): Record<string, unknown> {
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw new TypeError("The claims hook must return an object.");
  }
  const json = JSON.stringify(claims, refuseSecrets);
  const size = Buffer.byteLength(json);
  if (size > MAX_BYTES) throw new TypeError(`The claims hook returned ${size} bytes of JSON; ${MAX_BYTES} is the limit.`);
  // As it will be read from the token: what `toJSON` methods and getters say counts, once.
  const read = JSON.parse(json) as Record<string, unknown>;
  const reserved = Object.keys(read).find((name) => RESERVED.has(name));
  if (reserved !== undefined) throw new TypeError(`The claims hook may not set "${reserved}": the server does.`);
  return read;
}

/** At any depth: a row from a database put into a claim as it is brings its password hash along. */
function refuseSecrets(name: string, value: unknown): unknown {
  if (LOOKS_SECRET.test(name)) throw new TypeError(`The claim "${name}" looks like a secret; tokens are readable.`);
  return value;
}
