/**
 * The hosted pages: sign-in, sign-up, sign-out, the account, and errors, for people with nothing but a browser.
 * Owns their addresses, markup, texts, files and headers, and who a person is by the sign-in cookie. What a form does is
 * the domains' affair, as with the API's routes.
 */
import type { HttpContext } from "../http/http-context.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import { lazily } from "../lazily.ts";
import type { Route } from "../http/route.ts";
import { ASSETS_PATH } from "./assets.ts";
import { LAZY_PAGES } from "./lazy-pages.ts";
import type { PageRoute } from "./page-route.ts";
import { serveAsset } from "./serve-asset.ts";
import { wantsPage } from "./wants-page.ts";

type PagesRoute = Omit<Route, "operation">;

export interface Pages {
  readonly routes: readonly PagesRoute[];
  /** What a browser gets in place of a refusal in JSON: a page, where a person asked for one; else the refusal itself. */
  refusal(c: HttpContext, refusal: Response): Response | Promise<Response>;
}

/** Where providers send people back to: whatever follows, it is a page of ours. */
const SIGN_IN_WITH = "/sign-in/with/";

const visits = lazily(() => import("./visit.ts"));

/** Where password managers find the form that changes a password (W3C, "A Well-Known URL for Changing Passwords"). */
const changePassword: PagesRoute = {
  method: "get",
  path: "/.well-known/change-password",
  at: "server",
  handle: (c, { settings }) => c.redirect(`${settings.issuer}/account#password`, 303),
};

export function createPages(deps: HttpDeps): Pages {
  const { settings, assets } = deps;
  const asset: PagesRoute = { method: "get", path: `${ASSETS_PATH}/{file}`, handle: serveAsset };
  const people = LAZY_PAGES.map(({ load, ...place }): PagesRoute => ({ ...place, handle: (c) => show(c, load) }));
  const routes = [...people, changePassword, asset];
  const ownPaths = new Set(routes.map(({ path }) => settings.issuerPath + path));
  const isOwn = (path: string): boolean => ownPaths.has(path) || path.startsWith(settings.issuerPath + SIGN_IN_WITH);
  const home = [settings.issuerPath, `${settings.issuerPath}/`];

  async function show(c: HttpContext, load: () => Promise<PageRoute>): Promise<Response> {
    const [{ visitOf }, { handle }] = await Promise.all([visits(), load()]);
    return handle(visitOf(c, deps, assets));
  }

  async function errorPageFor(c: HttpContext, refusal: Response): Promise<Response> {
    const [{ visitOf }, { errorPage }] = await Promise.all([visits(), import("./error-page.ts")]);
    return errorPage(visitOf(c, deps, assets), refusal);
  }

  return {
    // Apps of other origins may use the API; what a page says and the tokens in its forms are not for their scripts.
    routes: routes.map((route) => ({ ...route, forPrograms: true })),
    refusal(c, refusal) {
      if (!wantsPage(c)) return refusal;
      const isMissing = refusal.status === 404;
      if (isMissing && c.req.method === "GET" && home.includes(c.req.path)) {
        return c.redirect(`${settings.issuerPath}/account`, 303);
      }
      return isMissing || isOwn(c.req.path) ? errorPageFor(c, refusal) : refusal;
    },
  };
}
