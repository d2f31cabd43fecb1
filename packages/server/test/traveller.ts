/** A browser without scripts that signs in with a foreign provider of the tests. */
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { oidc } from "../src/federation/providers.ts";
import type { Ostiary } from "../src/ostiary.ts";
import { CLIENT, startForeignProvider } from "./foreign-provider.ts";
import type { ForeignProvider, Who } from "./foreign-provider.ts";
import { PageClient } from "./page-client.ts";
import type { PageAnswer } from "./page-client.ts";
import { startTestServer } from "./test-server.ts";

export const ADA = { sub: "ada-there", email: "ada@example.com", email_verified: true, name: "Ada Lovelace" };

/** A server on which people sign in with "Works", and a browser on their way. */
export async function startWithProvider(
  more: { trustEmail?: boolean | "google"; config?: OstiaryConfig; others?: readonly string[] } = {},
) {
  const provider = await startForeignProvider();
  const named = async (id: string) => ({ id, at: await startForeignProvider() });
  const others = await Promise.all((more.others ?? []).map(named));
  const of = (id: string, { issuer }: ForeignProvider) => ({
    ...oidc({ id, name: id[0]?.toUpperCase() + id.slice(1), issuer, ...CLIENT }),
    trustEmail: more.trustEmail ?? false,
  });
  const signInWith = [of("works", provider), ...others.map(({ id, at }) => of(id, at))];
  const server = await startTestServer({ signInWith, ...more.config });
  // Providers and their tokens live in real time.
  server.time.now = Date.now();
  return { provider, others: others.map(({ at }) => at), server, ada: new Traveller(server) };
}

/** Whoever the browser is signed in as. */
export async function whoIs(browser: PageClient): Promise<string | null> {
  const { status, text } = await browser.get("/account");
  return status === 200 ? (/<p class="quiet">([^<]+@[^<]+)<\/p>/.exec(text)?.[1] ?? "?") : null;
}

export class Traveller extends PageClient {
  readonly #issuer: string;

  constructor(server: Pick<Ostiary, "fetch" | "issuer">, jar = new Map<string, string>()) {
    super(server, jar);
    this.#issuer = server.issuer;
  }

  /** Presses a provider's button on a page: where that leads. */
  async press(page = "/sign-in", fields: Record<string, string> = {}, id = "works"): Promise<string> {
    const { text } = await this.get(page);
    const form = [...text.matchAll(/<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/gs)].find(([, action = ""]) =>
      action.includes(`/sign-in/with/${id}`),
    );
    const path = unescaped(form?.[1] ?? "").slice(new URL(this.#issuer).pathname.length);
    const named = [...(form?.[2] ?? "").matchAll(/name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = "", value = ""]): [string, string] => [name, value],
    );
    return leadOf(await this.post(path, { ...Object.fromEntries<string>(named), ...fields }));
  }

  /** The whole way to the provider and back. */
  async signIn(provider: ForeignProvider, who: Who, page = "/sign-in", id = "works"): Promise<PageAnswer> {
    return this.get(provider.signedIn(await this.press(page, {}, id), who));
  }
}

/** Where a page leads by itself. */
export function leadOf({ text }: PageAnswer): string {
  return unescaped(/http-equiv="refresh" content="0;url=([^"]+)"/.exec(text)?.[1] ?? "");
}

function unescaped(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", '"');
}
