/**
 * The second door of an auth server in memory, and browser tabs that go there and come back. It answers what the real one
 * answers; how the real one decides is tested in Chromium.
 */
import { createRedirectClientIn } from "../src/redirect/redirect-client.ts";
import type { RedirectClient, RedirectClientOptions } from "../src/redirect/redirect-client.ts";
import type { Tab } from "../src/redirect/tab.ts";
import { createFakeBrowser } from "./fake-browser.ts";
import type { FakeBrowser, Place } from "./fake-browser.ts";
import { ISSUER, refusal } from "./fake-issuer.ts";

export const APP = "https://app.example";
export const CALLBACK = `${APP}/callback`;

interface Received {
  readonly path: string;
  readonly form: Record<string, string>;
  readonly headers: Headers;
  readonly credentials: string | undefined;
}

export interface FakeOAuth extends FakeBrowser {
  readonly received: Received[];
  readonly count: (path: string) => number;
  /** What it does instead of answering, for as long as it is set. */
  intercept: ((received: Received) => Promise<Response | null> | Response | null) | null;
  /** After it has done what was asked: the answer is under way for as long. */
  transit: Promise<void> | null;
  /** Added to, or put in place of, the claims of ID tokens. */
  claims: Record<string, unknown>;
  /** The scopes that were granted. */
  offline: boolean;
  /** A page of the app at `address`, in a tab of its own or in one that was there before. */
  readonly openApp: (options?: Partial<RedirectClientOptions>, address?: string, notes?: Map<string, string>) => AppTab;
}

export interface AppTab extends Place {
  readonly auth: RedirectClient;
  readonly notes: Map<string, string>;
  /** Where the page is now, without having been left. */
  readonly address: () => string;
  /** Where it was left for. */
  readonly went: () => URL;
  /** The address that the issuer sends to as an answer, in full. */
  readonly answer: (parameters?: Record<string, string>) => string;
}

export function createFakeOAuth(): FakeOAuth {
  const browser = createFakeBrowser({ origin: APP });
  let sessions = 0;
  let accessTokens = 0;
  let nonce: string | null = null;
  const live = new Map<string, number>();

  function idToken(clientId: string): string {
    const claims = {
      iss: ISSUER,
      aud: clientId,
      sub: "u1",
      name: "Ada",
      email: "ada@example.com",
      email_verified: true,
      roles: ["editor"],
      sid: "s1",
      nonce,
      ...oauth.claims,
    };
    return ["{}", JSON.stringify(claims), "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");
  }

  function tokens(session: string, generation: number, clientId: string): Response {
    live.set(session, generation);
    return Response.json({
      access_token: `access-${++accessTokens}`,
      token_type: "Bearer",
      expires_in: 900,
      id_token: idToken(clientId),
      ...(oauth.offline ? { refresh_token: `${session}.${generation}` } : {}),
    });
  }

  function answer({ path, form }: Received): Response {
    if (path === "/oauth/revoke") {
      live.delete(form["token"]?.split(".")[0] ?? "");
      return new Response(null, { status: 200 });
    }
    if (path !== "/oauth/token") return Response.json({});
    if (form["grant_type"] === "authorization_code") return tokens(`s${++sessions}`, 0, form["client_id"] ?? "");
    const [session = "", generation = ""] = (form["refresh_token"] ?? "").split(".");
    nonce = null;
    if (!live.has(session)) return refusal(400, "invalid_grant", "session_revoked");
    return tokens(session, Number(generation) + 1, form["client_id"] ?? "");
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const form = Object.fromEntries(new URLSearchParams(typeof init?.body === "string" ? init.body : ""));
    const url = input instanceof Request ? input.url : String(input);
    const received = {
      path: url.slice(ISSUER.length),
      form,
      headers: new Headers(init?.headers),
      credentials: init?.credentials,
    };
    oauth.received.push(received);
    const response = (await oauth.intercept?.(received)) ?? answer(received);
    await oauth.transit;
    return response;
  };

  function openApp(options: Partial<RedirectClientOptions> = {}, address = `${APP}/`, notes = new Map<string, string>()): AppTab {
    const place = browser.openPlace(options.fetch ?? fetch);
    let [here, left] = [address, ""];
    const tab: Tab = {
      address: () => here,
      go: (url) => {
        left = url;
      },
      rewrite: (url) => {
        here = url;
      },
      notes: {
        read: (name) => notes.get(name) ?? null,
        write: (name, value) => void (value === null ? notes.delete(name) : notes.set(name, value)),
      },
    };
    const auth = createRedirectClientIn(place.environment, tab, {
      issuer: ISSUER,
      clientId: "app",
      redirectUri: CALLBACK,
      ...options,
    });
    return Object.assign(place, {
      auth,
      notes,
      address: () => here,
      went: () => new URL(left),
      answer(parameters: Record<string, string> = {}) {
        const asked = new URL(left).searchParams;
        nonce = asked.get("nonce");
        return `${CALLBACK}?${new URLSearchParams({ code: "the-code", state: asked.get("state") ?? "", iss: ISSUER, ...parameters }).toString()}`;
      },
    });
  }

  const oauth: FakeOAuth = {
    ...browser,
    received: [],
    count: (path) => oauth.received.filter((received) => received.path === path).length,
    intercept: null,
    transit: null,
    claims: {},
    offline: true,
    openApp,
  };
  return oauth;
}

/** A page that the user has come back to, with a code in its address that nobody has looked at yet. */
export async function comeBack(
  oauth: FakeOAuth,
  options: Partial<RedirectClientOptions> = {},
  { signIn = {}, answer = {} }: { signIn?: object; answer?: Record<string, string> } = {},
): Promise<AppTab> {
  const before = oauth.openApp(options, `${APP}/orders?page=2`);
  await before.auth.signIn(signIn);
  before.auth.close();
  return oauth.openApp(options, before.answer(answer), before.notes);
}
