import type { ErrorBody } from "@ostiary/protocol";
import { call } from "./call.ts";
import type { Answer } from "./call.ts";

/** A client that keeps cookies and says where its page is from, as browsers do. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async post<Body = ErrorBody>(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const answer = await call<Body>("POST", url, {
      body,
      headers: { origin: this.#origin, ...(cookie === "" ? {} : { cookie }), ...headers },
    });
    for (const text of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (/; *max-age=0(;|$)/i.test(text)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** With the CSRF token that scripts of the page can read. */
  refresh<Body = ErrorBody>(issuer: string): Promise<Answer<Body>> {
    return this.post<Body>(`${issuer}/refresh`, undefined, { "x-csrf-token": this.cookies.get("ostiary_csrf") ?? "" });
  }
}
