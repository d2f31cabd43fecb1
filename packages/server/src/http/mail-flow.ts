import { OstiaryError } from "../errors.ts";
import { chooseLocale } from "../pages/locale.ts";
import type { Random } from "../random.ts";
import type { Asker, MailFlowDeps } from "../users/mail-flow.ts";
import { deviceOf } from "./device.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** What can be done by mail: passwords wherever there is mail, addresses where users are in the server's own table too. */
export function offeredByMail({ mail, settings }: Pick<HttpDeps, "mail" | "settings">): {
  passwords: boolean;
  addresses: boolean;
} {
  return { passwords: mail !== null, addresses: mail !== null && settings.users === undefined };
}

/** What the flows work with. Throws `not_found` where this is not offered. */
export function mailFlowDeps(deps: HttpDeps, what: "passwords" | "addresses"): MailFlowDeps & { random: Random } {
  const { mail, users, sessions } = deps;
  if (mail === null) throw new OstiaryError("not_found", "This server sends no mail, so that this cannot be done here.");
  if (!offeredByMail(deps)[what]) {
    throw new OstiaryError(
      "not_found",
      "Users are in the application's own table: their addresses are verified and changed there.",
    );
  }
  return { ...users, desk: mail.desk, links: mail.links, revocations: sessions.revocations, random: sessions.random };
}

/** Who asks for a mail: it is in the language of the request, or of the page. */
export function askerOf(c: HttpContext): Asker {
  return { origin: deviceOf(c), language: chooseLocale(c.req.query("ui_locales"), c.req.header("accept-language")) };
}
