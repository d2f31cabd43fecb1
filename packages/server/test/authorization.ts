/** A server with a client of OAuth on it, and Ada's browser. */
import { hash } from "node:crypto";
import type { NewRegistration } from "../src/clients/registration.ts";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { PageClient } from "./page-client.ts";
import type { PageAnswer } from "./page-client.ts";
import { PASSWORD, startSignedIn } from "./test-server.ts";

export const CALLBACK = "https://app.example/callback";
const VERIFIER = "a-verifier-of-the-tests-that-is-long-enough-0123";
export const ADA = { email: "ada@example.com", password: PASSWORD };

/** The parameters of a request; an empty one is not sent, a list is sent as often as it is long. */
export type Request = Readonly<Record<string, string | readonly string[]>>;

export async function startAuthorization(registration: Partial<NewRegistration> = {}, config: OstiaryConfig = {}) {
  const { server, client: api, tokens } = await startSignedIn(config);
  const client = await server.clients.create({
    name: "Tide Tables",
    registration: { redirectUris: [CALLBACK], ...registration },
  });
  const [redirectUri = ""] = client.registration?.redirectUris ?? [];
  const standard = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: "openid",
    state: "xyz",
    code_challenge: hash("sha256", VERIFIER, "base64url"),
    code_challenge_method: "S256",
  };
  const path = (request: Request = {}): string => `/oauth/authorize?${queryOf({ ...standard, ...request })}`;
  return {
    server,
    client,
    tokens,
    standard,
    path,
    /** Ada's browser, signed in. */
    ada: new PageClient(server, api.jar),
    /** Somebody's, not signed in. */
    stranger: () => new PageClient(server),
  };
}

export function queryOf(request: Request): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) {
    for (const one of typeof value === "string" ? [value].filter(Boolean) : value) query.append(name, one);
  }
  return query.toString();
}

/** The parameters the browser is sent on with. */
export function sentBack({ location, text }: PageAnswer): Record<string, string> {
  const url = location ?? /http-equiv="refresh" content="0;url=([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  return Object.fromEntries(new URL(url).searchParams);
}

/** Presses a button of the consent page, and goes where it leads. */
export async function answer(page: PageClient, consent: PageAnswer, decision: "allow" | "deny"): Promise<PageAnswer> {
  const { action, token } = consentForm(consent);
  const led = await page.post(action, { form_token: token, decision });
  return page.get(led.location ?? "");
}

export function consentForm({ text }: PageAnswer): { action: string; token: string } {
  const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  return { action, token: /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? "" };
}

/** Signs in where the authorization endpoint has sent the browser, and goes back to it. */
export async function signInThere(
  page: PageClient,
  { location }: PageAnswer,
  fields: Record<string, string> = ADA,
): Promise<PageAnswer> {
  const form = await page.get(location ?? "");
  const action = /<form method="post" action="([^"]+)"/.exec(form.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const token = /name="form_token" value="([^"]+)"/.exec(form.text)?.[1] ?? "";
  const led = await page.post(new URL(action, location ?? "").href, { form_token: token, ...fields });
  return page.get(
    /content="0;url=([^"]+)"/.exec(led.text)?.[1]?.replaceAll("&amp;", "&") ?? new URL(led.location ?? "", location ?? "").href,
  );
}
