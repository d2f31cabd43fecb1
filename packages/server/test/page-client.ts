/** A browser without scripts: keeps cookies, reads forms, sends them, and follows nothing by itself. */
import type { Ostiary } from "../src/ostiary.ts";

export interface PageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it sends the browser. */
  readonly location: string | null;
}

const BROWSER = {
  accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
};

export class PageClient {
  readonly jar: Map<string, string>;
  readonly #server: Pick<Ostiary, "fetch" | "issuer">;

  constructor(server: Pick<Ostiary, "fetch" | "issuer">, jar = new Map<string, string>()) {
    this.#server = server;
    this.jar = jar;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<PageAnswer> {
    return this.#send("GET", path, headers);
  }

  head(path: string): Promise<PageAnswer> {
    return this.#send("HEAD", path, {});
  }

  /** As a page of the server does, unless the headers say otherwise. */
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<PageAnswer> {
    const own = { origin: new URL(this.#server.issuer).origin, "sec-fetch-site": "same-origin" };
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return this.#send("POST", path, { ...own, ...type, ...headers }, new URLSearchParams(fields).toString());
  }

  /** Opens a page and sends the first form of it that has this task, or the first of all. */
  async submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<PageAnswer> {
    const token = await this.formToken(path);
    return this.post(path, { form_token: token, ...fields }, headers);
  }

  async formToken(path: string): Promise<string> {
    return /name="form_token" value="([^"]+)"/.exec((await this.get(path)).text)?.[1] ?? "";
  }

  async #send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<PageAnswer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const init: RequestInit = { method, headers: { ...BROWSER, ...(cookie === "" ? {} : { cookie }), ...headers } };
    if (body !== undefined) init.body = body;
    const url = path.startsWith("http") ? path : this.#server.issuer + path;
    const answer = await this.#server.fetch(new Request(url, init), { remoteAddress: "203.0.113.7" });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/; *max-age=0(;|$)/i.test(set)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return {
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
      location: answer.headers.get("location"),
    };
  }
}
