/** What people do before an operator looks: sign-ins on several devices, refreshes, repeats, a theft. Over HTTP alone. */
import type { TokenResponse } from "@ostiary/protocol";
import { PASSWORD } from "../call.ts";

export const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";

/** A browser with cookies, as far as the auth server can tell. */
export class Visitor {
  readonly jar = new Map<string, string>();
  readonly #issuer: string;
  readonly #userAgent: string;

  constructor(issuer: string, userAgent: string, jar: ReadonlyMap<string, string> = new Map()) {
    this.#issuer = issuer;
    this.#userAgent = userAgent;
    for (const [name, value] of jar) this.jar.set(name, value);
  }

  async send(path: string, body?: object): Promise<{ status: number; body: TokenResponse }> {
    const response = await fetch(this.#issuer + path, {
      method: "POST",
      headers: {
        "user-agent": this.#userAgent,
        origin: new URL(this.#issuer).origin,
        "x-csrf-token": this.jar.get("ostiary_csrf") ?? "",
        cookie: Array.from(this.jar, ([name, value]) => `${name}=${value}`).join("; "),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/max-age=0/i.test(cookie)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return { status: response.status, body: (await response.json()) as TokenResponse };
  }

  signUp(email: string, name: string): Promise<{ body: TokenResponse }> {
    return this.send("/signup", { email, name, password: PASSWORD });
  }

  refresh(): Promise<{ status: number; body: TokenResponse }> {
    return this.send("/refresh");
  }
}

/** Refreshes, two tabs at once, and then a copy of the first cookies. `strict`: the server has no grace. */
export async function theft(issuer: string, email: string, name: string): Promise<TokenResponse> {
  const owner = new Visitor(issuer, FIREFOX);
  const { body } = await owner.signUp(email, name);
  const stolen = new Visitor(issuer, CHROME, owner.jar);
  stolen.jar.delete("ostiary_device");
  for (let i = 0; i < 6; i++) await owner.refresh();
  await stolen.refresh();
  return body;
}
