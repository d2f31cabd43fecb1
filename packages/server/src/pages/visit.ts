import type { HttpContext } from "../http/http-context.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import type { Assets } from "./assets.ts";
import { chooseLocale, LANGUAGES } from "./locale.ts";
import type { Locale } from "./locale.ts";
import { allowedReturn } from "./return-to.ts";
import type { Texts } from "./texts/texts.ts";

/** One request of a person to a page. */
export interface Visit {
  readonly c: HttpContext;
  readonly deps: HttpDeps;
  readonly assets: Assets;
  readonly locale: Locale;
  readonly texts: Texts;
  /** Where they want to go after signing in; in full. */
  readonly returnTo: string | null;
  /** What an app waits for: `mfa`, a second step; `recent`, a sign-in just now. */
  readonly need: "mfa" | "recent" | null;
  /** What the forms of somebody who is not signed in are bound to. */
  formHolder(): string;
  /** The address of another page: the language and where they want to go stay with them. */
  link(path: string, more?: Readonly<Record<string, string>>): string;
}

/** `kept` stands for what the address says, where that is anybody's. */
export function visitOf(c: HttpContext, deps: HttpDeps, assets: Assets, kept?: Kept): Visit {
  const { settings, cookies } = deps;
  const { ui_locales: uiLocales, return_to: wanted, need: asked } = kept ?? c.req.query();
  const need = asked === "mfa" || asked === "recent" ? asked : null;
  const locale = chooseLocale(uiLocales, c.req.header("accept-language"));
  const returnTo = allowedReturn(wanted, settings.allowedOrigins, originOf(settings.issuer));
  let holder: string | undefined;
  return {
    c,
    deps,
    assets,
    locale,
    texts: LANGUAGES[locale],
    returnTo,
    need,
    formHolder: () => (holder ??= `browser:${cookies.formHolder(c)}`),
    link(path, more = {}) {
      const query = {
        ...(returnTo === null ? {} : { return_to: returnTo }),
        ...(uiLocales === undefined ? {} : { ui_locales: locale }),
        ...(kept === undefined && path.startsWith("/sign-in") ? signInWishes(c) : {}),
        ...(need !== null && path.startsWith("/sign-in") ? { need } : {}),
        ...more,
      };
      const text = new URLSearchParams(query).toString();
      return settings.issuerPath + path + (text === "" ? "" : `?${text}`);
    },
  };
}

/** What a visit brings along from page to page. */
interface Kept {
  readonly return_to?: string | undefined;
  readonly ui_locales?: string | undefined;
  readonly need?: string | undefined;
}

export function originOf(url: string): string {
  return new URL(url).origin;
}

/** What a client of OAuth wants of sign-in: these stay while the form is tried again, or shown in another language. */
function signInWishes(c: HttpContext): Record<string, string> {
  const wishes = { prompt: c.req.query("prompt"), login_hint: c.req.query("login_hint") };
  return Object.fromEntries(Object.entries(wishes).filter((wish): wish is [string, string] => wish[1] !== undefined));
}
