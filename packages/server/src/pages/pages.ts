/**
 * The hosted pages: sign-in, sign-up, sign-out, the account, and errors, for people with nothing but a browser.
 * Owns their addresses, markup, texts, files and headers, and who a person is by the sign-in cookie. What a form does is
 * the domains' affair, as with the API's routes.
 */
import type { HttpContext } from "../http/http-context.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import type { Route } from "../http/route.ts";
import { accountRoutes } from "./account/route.ts";
import { authorizeRoutes } from "./authorize/route.ts";
import { byMailRoutes } from "./by-mail/routes.ts";
import { continueRoutes } from "./continue/route.ts";
import { deviceRoutes } from "./device/route.ts";
import { serveAsset } from "./serve-asset.ts";
import { ASSETS_PATH } from "./assets.ts";
import { errorPage } from "./error-page.ts";
import { logoutRoutes } from "./logout/route.ts";
import type { PageRoute } from "./page-route.ts";
import { secondFactorRoutes } from "./second-factor/route.ts";
import { SIGN_IN_WITH } from "./sign-in-with/buttons.ts";
import { signInWithRoutes } from "./sign-in-with/route.ts";
import { signInRoutes } from "./sign-in/route.ts";
import { signUpRoutes } from "./sign-up/route.ts";
import { stepUpRoutes } from "./step-up/route.ts";
import { visitOf } from "./visit.ts";
import { wantsPage } from "./wants-page.ts";

export interface Pages {
  readonly routes: readonly Omit<Route, "operation">[];
  /** What a browser gets in place of a refusal in JSON: a page, where a person asked for one; else the refusal itself. */
  refusal(c: HttpContext, refusal: Response): Response;
}

/** Where password managers find the form that changes a password (W3C, "A Well-Known URL for Changing Passwords"). */
const changePassword: PageRoute = {
  method: "get",
  path: "/.well-known/change-password",
  at: "server",
  handle: (visit) => visit.c.redirect(`${visit.deps.settings.issuer}/account#password`, 303),
};

export function createPages(deps: HttpDeps): Pages {
  const { settings, assets } = deps;
  const asset: PageRoute = { method: "get", path: `${ASSETS_PATH}/{file}`, handle: serveAsset };
  const signingIn = [...signInRoutes, ...secondFactorRoutes, ...signInWithRoutes, ...signUpRoutes];
  const people = [...signingIn, ...accountRoutes, ...stepUpRoutes, ...continueRoutes, ...authorizeRoutes, ...deviceRoutes, ...logoutRoutes, ...byMailRoutes];
  const routes = [...people, changePassword, asset];
  const ownPaths = new Set(routes.map(({ path }) => settings.issuerPath + path));
  const isOwn = (path: string): boolean => ownPaths.has(path) || path.startsWith(`${settings.issuerPath}${SIGN_IN_WITH}/`);
  const home = [settings.issuerPath, `${settings.issuerPath}/`];

  return {
    // Apps of other origins may use the API; what a page says and the tokens in its forms are not for their scripts.
    routes: routes.map(({ handle, ...route }) => ({
      ...route,
      forPrograms: true,
      handle: (c) => handle(visitOf(c, deps, assets)),
    })),
    refusal(c, refusal) {
      if (!wantsPage(c)) return refusal;
      const isMissing = refusal.status === 404;
      if (isMissing && c.req.method === "GET" && home.includes(c.req.path)) {
        return c.redirect(`${settings.issuerPath}/account`, 303);
      }
      return isMissing || isOwn(c.req.path) ? errorPage(visitOf(c, deps, assets), refusal) : refusal;
    },
  };
}
