/** What server actions need to sign in and out: the issuer is asked, and its cookies are passed on to the browser. */
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import type { Fetch } from "../../fetch-json.ts";
import type { Site } from "./find-token.ts";
import type { CookieJar, NextFunctions } from "./next-functions.ts";

/** Why nobody is signed in. */
export interface LoginRefusal extends ErrorBody {
  /** With `mfa_required`: names the sign-in that waits for its second step, for a field of the next form. */
  readonly mfaToken?: string;
  /** With `mfa_required`: what can be the second step. Of `otp`, `recovery` and `passkey` this takes the first two. */
  readonly methods?: readonly string[];
}

export interface NextActions {
  /**
   * Signs in with the form's `email`, `password` and, if it is there, `remember`, and redirects to the form's `return_to`, a path,
   * or to `/`. Returns what is wrong otherwise: after `mfa_required` it takes a form with the `mfaToken` of that, and `code` or
   * `recoveryCode`.
   */
  readonly login: (form: FormData) => Promise<LoginRefusal>;
  /**
   * Signs out, at every API, and redirects to `to`, default `/`. Without a good access token it cannot: then it redirects to the
   * issuer's account page, which sees the session and has a button for it.
   */
  readonly logout: (to?: string) => Promise<never>;
}

export function createActions(issuer: string, site: Site, fetch: Fetch, next: NextFunctions): NextActions {
  const { pathname, protocol } = new URL(issuer);
  const secure = protocol === "https:";
  const prefix = secure ? "__Secure-" : "";

  async function ask(path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
    const asked = await next.headers();
    for (const name of ["user-agent", "x-forwarded-for"]) {
      const value = asked.get(name);
      if (value !== null) headers[name] = value;
    }
    if (body !== undefined) headers["content-type"] = "application/json";
    const init = { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return fetch(issuer + path, init);
  }

  /** Whether the issuer has ended the session; it has not if the token is not good any more. */
  async function endSession(accessToken: string): Promise<boolean> {
    const { status } = await ask("/logout", { authorization: `Bearer ${accessToken}` });
    if (status !== 204 && status !== 401) throw new Error(`Signing out was answered with ${status}.`);
    return status === 204;
  }

  return {
    async login(form) {
      const answer = form.has("mfaToken") ? await ask("/login/second-factor", {}, secondStepIn(form)) : await ask("/login", {}, credentialsIn(form));
      if (answer.status !== 200) return (await answer.json()) as LoginRefusal;
      const { accessToken, expiresIn } = (await answer.json()) as TokenResponse;
      const jar = await next.cookies();
      const earlier = jar.get(site.cookieName)?.value;
      for (const cookie of answer.headers.getSetCookie()) passOn(jar, cookie);
      jar.set(site.cookieName, accessToken, { path: "/", httpOnly: true, secure, sameSite: "lax", maxAge: expiresIn });
      // A browser is in one session. The issuer's own cookies, by which it would see to that, are not shown here: an
      // earlier session whose token is not good any more stays among the user's devices.
      if (earlier !== undefined) await endSession(earlier);
      return next.redirect(ownPath(text(form, "return_to"), site));
    },
    async logout(to = "/") {
      const jar = await next.cookies();
      const accessToken = jar.get(site.cookieName)?.value;
      // To forget its cookies alone would leave a session to whoever has copied them.
      if (accessToken === undefined || !(await endSession(accessToken))) return next.redirect(`${issuer}/account`);
      for (const name of ["ostiary_refresh", "ostiary_signin"]) jar.set(prefix + name, "", { path: pathname, secure, maxAge: 0 });
      for (const name of [`${prefix}ostiary_csrf`, site.cookieName]) jar.set(name, "", { path: "/", secure, maxAge: 0 });
      return next.redirect(to);
    },
  };
}

function credentialsIn(form: FormData): object {
  return { email: text(form, "email"), password: text(form, "password"), remember: form.has("remember") };
}

/** A form may have fields for both, of which one is left empty. */
function secondStepIn(form: FormData): object {
  const recoveryCode = text(form, "recoveryCode");
  return { mfaToken: text(form, "mfaToken"), ...(recoveryCode === "" ? { code: text(form, "code") } : { recoveryCode }) };
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** Nobody is led to another site by what stands in a form. Without its dots a path may begin with two slashes: that names a host. */
function ownPath(value: string, { origin }: Site): string {
  const url = value.startsWith("/") ? URL.parse(value, origin) : null;
  return url?.origin === origin && !url.pathname.startsWith("//") ? url.pathname + url.search + url.hash : "/";
}

/** From one `Set-Cookie` (RFC 6265 §4.1) to the browser's. */
function passOn(jar: CookieJar, header: string): void {
  const [pair = "", ...rest] = header.split(/; */);
  const at = pair.indexOf("=");
  const given = new Map(rest.map((each) => [each.split("=")[0]?.toLowerCase() ?? "", each.split("=")[1] ?? ""]));
  jar.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1)), {
    path: given.get("path") ?? "/",
    maxAge: Number(given.get("max-age") ?? 0),
    httpOnly: given.has("httponly"),
    secure: given.has("secure"),
    sameSite: given.get("samesite")?.toLowerCase() ?? "lax",
  });
}
