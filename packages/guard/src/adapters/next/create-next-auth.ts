import { checkNames } from "../../check-options.ts";
import { errorResponse } from "../../challenge.ts";
import type { Fetch } from "../../fetch-json.ts";
import { GuardError } from "../../guard-error.ts";
import type { Guard } from "../../guard.ts";
import type { Identity } from "../../identity.ts";
import { anyRole, recentSignIn, type RecentOptions } from "../../requirements.ts";
import { judgeBy, type Caller, type Demands } from "../demands.ts";
import { createActions, type NextActions } from "./create-actions.ts";
import { createProxy, NOT_TO_BE_KEPT, PATH_HEADER } from "./create-proxy.ts";
import { askedBy, identify, siteOf, type Asked } from "./find-token.ts";
import type { NextFunctions } from "./next-functions.ts";
import { continueAddress, stepUpAddress } from "./send-to-issuer.ts";

export interface NextAuthOptions<Claims extends object = object> {
  /** The auth server, at the app's own origin: embedded, or behind a rewrite. As it stands in the tokens' `iss`. */
  readonly issuer: string;
  /** A function is called when the first request comes, and each time again. */
  readonly guard: Guard<Claims> | (() => Guard<Claims> | Promise<Guard<Claims>>);
  /** How `login` and `logout` reach the issuer: an embedded one by its own `fetch`. Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** The path people come to who lack a role. Default: Next's `forbidden()`, an experiment of Next that has to be switched on. */
  readonly forbiddenPath?: string;
}

type Handler<Auth, Context> = (request: Request, auth: Auth, context: Context) => Response | Promise<Response>;

export interface NextAuth<Claims extends object = object> extends NextActions {
  /** For `proxy.ts`: lets in who has a good token, and sends others to the issuer and back. */
  readonly proxy: (request: Request) => Promise<Response>;
  /** Who asks, or null. For server components, route handlers and server actions, as are the next two. */
  readonly currentUser: () => Promise<Identity<Claims> | null>;
  /** Who asks; others are sent to the issuer, and come back to `returnTo`. Default: where they are, if `proxy` let them in, else `/`. */
  readonly requireUser: (options?: { readonly returnTo?: string }) => Promise<Identity<Claims>>;
  /** The same for users with any of `roles`. */
  readonly requireRole: (...roles: [string, ...string[]]) => Promise<Identity<Claims>>;
  /** Who asks, if they signed in so recently, by such methods; others are sent to the issuer to do so, and come back. */
  readonly requireRecent: (options: RecentOptions & { readonly returnTo?: string }) => Promise<Identity<Claims>>;
  /** A route handler for those who may: others are answered in JSON, as by the other adapters. */
  readonly protect: <const Optional extends boolean = false, Context = unknown>(
    handler: Handler<Caller<Identity<Claims>, Optional>, Context>,
    demands?: Demands<Optional>,
  ) => (request: Request, context: Context) => Promise<Response>;
}

/** The adapter on these functions of Next. Throws a TypeError for an option that is missing or unknown. */
export function buildNextAuth<Claims extends object>(options: NextAuthOptions<Claims>, next: NextFunctions): NextAuth<Claims> {
  checkNames("createNextAuth", options, ["issuer", "guard", "fetch", "forbiddenPath"]);
  const { issuer, guard, fetch = (url, init) => globalThis.fetch(url, init), forbiddenPath } = options;
  if (!URL.canParse(issuer)) throw new TypeError("issuer must be the URL of the auth server");
  if (guard === undefined) throw new TypeError("guard is required: a guard, or a function that gives one");
  const site = siteOf(new URL(issuer));
  const guardOf = async (): Promise<Guard<Claims>> => (typeof guard === "function" ? guard() : guard);

  /** The request that is being rendered. */
  async function asked(): Promise<Asked> {
    const [headers, cookies] = await Promise.all([next.headers(), next.cookies()]);
    return { method: null, url: "/", headers, cookie: cookies.get(site.cookieName)?.value ?? null };
  }

  /** Where they come back to who are sent away. */
  function wayBack(request: Asked, returnTo: string | undefined): string {
    return returnTo ?? request.headers.get(PATH_HEADER) ?? "/";
  }

  async function requireUser({ returnTo }: { readonly returnTo?: string } = {}): Promise<Identity<Claims>> {
    const request = await asked();
    try {
      return await identify(guardOf, request, site);
    } catch (error) {
      if (!(error instanceof GuardError) || error.status !== 401) throw error;
      return next.redirect(continueAddress(issuer, site, wayBack(request, returnTo), request.cookie));
    }
  }

  return {
    proxy: createProxy(issuer, site, guardOf, next),
    async currentUser() {
      try {
        return await identify(guardOf, await asked(), site);
      } catch (error) {
        if (error instanceof GuardError && error.status !== 503) return null;
        throw error;
      }
    },
    requireUser,
    async requireRole(...roles) {
      const requirement = anyRole(roles);
      const identity = await requireUser();
      if (requirement(identity) === undefined) return identity;
      return forbiddenPath === undefined ? next.forbidden() : next.redirect(forbiddenPath);
    },
    async requireRecent({ returnTo, ...wanted }) {
      const requirement = recentSignIn(wanted);
      const identity = await requireUser(returnTo === undefined ? {} : { returnTo });
      if (requirement(identity) === undefined) return identity;
      return next.redirect(stepUpAddress(issuer, wanted, wayBack(await asked(), returnTo)));
    },
    protect(handler, demands = {}) {
      const authenticate = async (request: Parameters<typeof askedBy>[0]): Promise<Identity<Claims>> =>
        identify(guardOf, askedBy(request, site), site);
      const judge = judgeBy({ authenticate }, demands);
      return async (request, context) => {
        const verdict = await judge(request);
        if (verdict instanceof GuardError) return errorResponse(verdict);
        const response = await handler(request, verdict, context);
        if (response.headers.has("cache-control")) return response;
        // What somebody else made may be frozen: `Response.redirect`.
        const own = new Response(response.body, response);
        own.headers.set("cache-control", NOT_TO_BE_KEPT);
        return own;
      };
    },
    ...createActions(issuer, site, fetch, next),
  };
}
