import type { ContentfulStatusCode } from "hono/utils/http-status";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { icon } from "./icons.ts";
import { LANGUAGES } from "./locale.ts";
import { NOTICES } from "./texts/texts.ts";
import type { Visit } from "./visit.ts";

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** `narrow`: one card in the middle. */
  readonly width: "narrow" | "wide";
  readonly status?: ContentfulStatusCode;
  /** Something in its form is to be mended. */
  readonly hasErrors?: boolean;
  /** Where the browser goes by itself. */
  readonly goesOnTo?: string;
  /** Its script asks our own server what the browser is to sign. */
  readonly usesPasskeys?: boolean;
  /** What stands at the top right. */
  readonly corner?: Html;
  /** In place of what all pages have. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The same page in another language; default: the account in it. */
  readonly inLanguage?: (tag: string) => string;
}

/** The page as an answer. Cookies set on the request's context before go with it. */
export function render(visit: Visit, page: Page): Response {
  const { c } = visit;
  for (const [name, value] of Object.entries({ ...pageHeaders(visit, page.usesPasskeys), ...page.headers })) {
    c.header(name, value);
  }
  return c.body(documentOf(visit, page).toString(), page.status ?? 200);
}

/** Nothing but our own files runs or shows, nobody frames us, and forms go to ourselves. */
export function pageHeaders({ deps: { settings }, locale, returnTo }: Visit, usesPasskeys = false): Record<string, string> {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
    `${usesPasskeys ? "connect-src 'self'; " : ""}form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'`;
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": locale,
    "Content-Security-Policy": policy,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    // Not "no-referrer": with it browsers send `Origin: null` with our own forms. Where the address says where to go next it
    // is long, and what is sent along would be as long again.
    "Referrer-Policy": returnTo === null ? "same-origin" : "strict-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    Vary: "Accept, Accept-Language, Cookie",
    ...(settings.secure ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

export function documentOf(
  visit: Visit,
  { title, body, width, hasErrors = false, goesOnTo, usesPasskeys = false, corner, inLanguage }: Page,
): Html {
  const { texts, locale, assets, deps } = visit;
  const { issuerPath, pages } = deps.settings;
  const heading = hasErrors ? texts.errorTitle(title) : title;
  return html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<title>${heading} · ${pages.name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${goesOnTo === undefined ? null : html`<meta http-equiv="refresh" content="0;url=${goesOnTo}">`}
<link rel="icon" href="${issuerPath}${assets.icon.path}">
<link rel="stylesheet" href="${issuerPath}${assets.style.path}">
<script src="${issuerPath}${assets.script.path}" defer></script>
${usesPasskeys && html`<script src="${issuerPath}${assets.passkeys.path}" defer></script>`}
</head>
<body class="${width}">
<a class="skip" href="#content">${texts.skip}</a>
<header class="top">
<a class="brand" href="${visit.link("/account")}">${logoOf(visit)}<span>${pages.name}</span></a>
${corner}
</header>
<main id="content" tabindex="-1">
${noticeOf(visit)}
${body}
</main>
<footer class="bottom">
<nav aria-label="${texts.languages}"><ul>${Object.entries(LANGUAGES).map(([tag, { language }]) => languageLink(visit, tag, language, inLanguage))}</ul></nav>
</footer>
</body>
</html>
`;
}

function logoOf({ assets, deps }: Visit): Html {
  if (assets.logo === null) return icon("mark");
  return html`<img src="${deps.settings.issuerPath}${assets.logo.path}" alt="" height="32">`;
}

function languageLink(visit: Visit, tag: string, name: string, inLanguage = linkToOwn(visit)): Html {
  if (tag === visit.locale) return html`<li><span aria-current="true" lang="${tag}">${name}</span></li>`;
  return html`<li><a href="${inLanguage(tag)}" lang="${tag}" hreflang="${tag}">${name}</a></li>`;
}

function linkToOwn(visit: Visit): (tag: string) => string {
  // On an error page the address is anybody's: with the issuer at the root, `//evil.example` would be a link to there.
  const here = visit.c.req.path.slice(visit.deps.settings.issuerPath.length);
  const path = ["/sign-in", "/sign-up"].includes(here) ? here : "/account";
  return (tag) => visit.link(path, { ui_locales: tag });
}

/** What has just been done, told after the redirect. Only what is in the table can be said. */
function noticeOf({ c, texts }: Visit): Html | null {
  const asked = c.req.method === "GET" ? c.req.query("notice") : undefined;
  const name = NOTICES.find((one) => one === asked);
  if (name === undefined) return null;
  return html`<p class="notice" role="status">${icon("check")}<span>${texts.notices[name]}</span></p>`;
}
