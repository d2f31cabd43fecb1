/**
 * Somebody at a browser without scripts, who is sent to an issuer: fills in what its pages ask, answers, and is led on.
 * Owns the cookies and what a person would do. It knows no issuer's pages in particular: another author's provider is used
 * in the same way.
 */
import { formsOf, linksOf, refreshOf } from "./html.ts";
import type { Control, Form } from "./html.ts";

/** Answers one request and follows nothing: `fetch` with `redirect: "manual"`, or a server in this process. */
export type Send = (request: Request) => Promise<Response>;

export interface PersonOptions {
  readonly email: string;
  readonly password: string;
  /** What they answer when they are asked for their consent. Default: yes. */
  readonly denies?: boolean;
}

/** What a person was asked to do on the way. */
export type Step = "sign in" | "answer";

export interface Arrival {
  /** Where the browser is in the end. */
  readonly url: URL;
  /** The parameters that were brought along, in the query or in a form's body. */
  readonly parameters: URLSearchParams;
  readonly method: string;
  /** Null away from the issuer: what is there, nobody has asked. */
  readonly page: { readonly status: number; readonly text: string; readonly headers: Headers } | null;
  readonly steps: readonly Step[];
}

const MAX_STEPS = 20;
const HEADERS = {
  accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
};

export class Person {
  readonly cookies = new Map<string, Cookie>();
  readonly #origin: string;
  readonly #send: Send;
  readonly #options: PersonOptions;

  constructor(issuer: string, send: Send, options: PersonOptions) {
    this.#origin = new URL(issuer).origin;
    this.#send = send;
    this.#options = options;
  }

  /** The same person at the same browser, who will have it otherwise. */
  like(options: Partial<PersonOptions>): Person {
    const other = new Person(this.#origin, this.#send, { ...this.#options, ...options });
    for (const [name, cookie] of this.cookies) other.cookies.set(name, cookie);
    return other;
  }

  /** Opens an address and goes on until a page asks nothing more, or lies elsewhere. */
  async open(
    address: string | URL,
    { form, stopAtForm = false }: { form?: URLSearchParams; stopAtForm?: boolean } = {},
  ): Promise<Arrival> {
    // A link, or a form, of an application on another site.
    let request: Sent = {
      url: new URL(address),
      method: form === undefined ? "GET" : "POST",
      body: form ?? null,
      isCrossSite: true,
    };
    const steps: Step[] = [];
    for (let moves = 0; moves < MAX_STEPS; moves++) {
      const { url } = request;
      if (url.origin !== this.#origin) return elsewhere(request, steps);
      const answer = await this.#ask(request);
      const location = answer.headers.get("location");
      const text = await answer.text();
      if (answer.status >= 300 && answer.status < 400 && location !== null) {
        request = redirected(request, answer.status, new URL(location, url));
        continue;
      }
      const leadsTo = refreshOf(text);
      if (leadsTo !== undefined) {
        request = { url: new URL(leadsTo, url), method: "GET", body: null, isCrossSite: false };
        continue;
      }
      const task = answer.status < 400 && !stopAtForm ? taskOf(text) : undefined;
      const onward = task === undefined && answer.status < 400 && !stopAtForm ? onlyWayOf(text, this.#origin) : undefined;
      if (onward !== undefined) {
        request = { url: onward, method: "GET", body: null, isCrossSite: false };
        continue;
      }
      if (task === undefined) {
        const page = { status: answer.status, text, headers: answer.headers };
        return { url, parameters: url.searchParams, method: request.method, page, steps };
      }
      const target = new URL(task.action, url);
      // What a form brings to another origin by itself is the answer that was asked for (form_post).
      if (target.origin === this.#origin) steps.push(task.fields.some(isPassword) ? "sign in" : "answer");
      request = { url: target, method: "POST", body: this.#fill(task), isCrossSite: false };
    }
    throw new Error(`Led on and on: ${steps.join(", ")}.`);
  }

  #fill({ fields, buttons }: Form): URLSearchParams {
    const filled = new URLSearchParams();
    for (const field of fields) {
      const { type, name, value } = field;
      if (name === "" || type === "checkbox" || type === "submit") continue;
      if (type === "hidden") filled.append(name, value);
      else filled.append(name, isPassword(field) ? this.#options.password : name === "user_code" ? value : this.#options.email);
    }
    const submits = buttons.filter(({ type }) => type === "submit" || type === "");
    const pressed = this.#options.denies === true ? submits.at(-1) : submits[0];
    if (pressed !== undefined && pressed.name !== "") filled.append(pressed.name, pressed.value);
    return filled;
  }

  async #ask({ method, url, body, isCrossSite }: Sent): Promise<Response> {
    const isLink = method === "GET";
    // RFC 6265bis §5.2: from another site a link brings what is not Strict, and a form brings nothing.
    const sent = [...this.cookies].filter(([, { isStrict }]) => !isCrossSite || (isLink && !isStrict));
    const headers = new Headers(HEADERS);
    if (sent.length > 0) headers.set("cookie", sent.map(([name, { value }]) => `${name}=${value}`).join("; "));
    headers.set("sec-fetch-site", isCrossSite ? "cross-site" : "same-origin");
    headers.set("sec-fetch-mode", "navigate");
    if (!isLink) headers.set("origin", isCrossSite ? "https://rp.example" : this.#origin);
    const answer = await this.#send(new Request(url, { method, headers, body, redirect: "manual" }));
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  #keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1];
    const isOver = /;\s*max-age=0(?:;|$)/i.test(line) || (expires !== undefined && Date.parse(expires) <= Date.now());
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, { value, isStrict: /;\s*samesite=strict/i.test(line) });
  }
}

interface Cookie {
  readonly value: string;
  readonly isStrict: boolean;
}

interface Sent {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly body: URLSearchParams | null;
  /** On the way from another site, until a page of the issuer's own leads on. */
  readonly isCrossSite: boolean;
}

/** As browsers do it (Fetch, HTTP-redirect fetch): 307 and 308 alone repeat a POST. */
function redirected(sent: Sent, status: number, url: URL): Sent {
  const isRepeated = sent.method === "POST" && (status === 307 || status === 308);
  return isRepeated ? { ...sent, url } : { ...sent, url, method: "GET", body: null };
}

function elsewhere({ url, method, body }: Sent, steps: readonly Step[]): Arrival {
  return { url, parameters: body ?? url.searchParams, method, page: null, steps };
}

/** The form that a page is there for: the one that asks for a password, or the only one. Of several, none has to be sent. */
function taskOf(text: string): Form | undefined {
  const forms = formsOf(text).filter(({ method }) => method === "post");
  return forms.find(({ fields }) => fields.some(isPassword)) ?? (forms.length === 1 ? forms[0] : undefined);
}

/** Of a page with no form that has one link to another site: there it leads, once its reader has agreed. */
function onlyWayOf(text: string, origin: string): URL | undefined {
  if (formsOf(text).length > 0) return undefined;
  const links = linksOf(text).flatMap((href) => URL.parse(href) ?? []);
  const away = links.filter((url) => url.origin !== origin);
  return away.length === 1 ? away[0] : undefined;
}

function isPassword({ type }: Control): boolean {
  return type === "password";
}
