import { z } from "zod";

/** A provider people can sign in with: what `google`, `github`, `keycloak`, `auth0` and `oidc` make. */
export type SignInProvider = OpenIdProvider | GitHubProvider;

interface Shared {
  /** Stands in addresses: never change it once people have signed in. */
  readonly id: string;
  /** What it is called on buttons. */
  readonly name: string;
  readonly clientId: string;
}

export interface OpenIdProvider extends Shared {
  readonly kind: "openid";
  /** As the provider's own metadata has it, character by character. */
  readonly issuer: string;
  /** None: a public client. */
  readonly clientSecret?: string | undefined;
  readonly clientAuthentication: "basic" | "post";
  readonly scope: string;
  /** What it is asked when people have to prove anew who they are: some know the accounts only, not when that was. */
  readonly reauthentication: "login" | "select_account";
  /** Whether what it says of an e-mail address may open an account that has the address. */
  readonly trustEmail: boolean | "google";
}

export interface GitHubProvider extends Shared {
  readonly kind: "github";
  readonly clientSecret: string;
  /** Of the site, and of its API. */
  readonly url: string;
  readonly apiUrl: string;
  readonly trustEmail: boolean;
}

const URL_MEND = "must be an https URL without query, fragment and user name (http on this machine only)";
const url = z.string(URL_MEND).refine(isProviderUrl, URL_MEND);
const text = z.string("must be a text").min(1, "must not be empty");

const shared = {
  id: z.string("must be a text").regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z 0-9 -, a letter first"),
  name: z.string("must be a text").trim().min(1, "must not be empty").max(40, "must have at most 40 characters"),
  clientId: text,
};

const openId = z.strictObject({
  ...shared,
  kind: z.literal("openid"),
  issuer: url,
  clientSecret: text.optional(),
  clientAuthentication: z.enum(["basic", "post"]),
  scope: z.string().refine((scope) => scope.split(" ").includes("openid"), "must have openid in it"),
  reauthentication: z.enum(["login", "select_account"]),
  trustEmail: z.union([z.boolean(), z.literal("google")]),
}) satisfies z.ZodType<OpenIdProvider>;

const github = z.strictObject({
  ...shared,
  kind: z.literal("github"),
  clientSecret: text,
  url,
  apiUrl: url,
  trustEmail: z.boolean(),
}) satisfies z.ZodType<GitHubProvider>;

/** What the configuration takes for `signInWith`. */
export const providersSchema = z
  .array(z.discriminatedUnion("kind", [openId, github], "must be made by google, github, keycloak, auth0 or oidc"))
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, "has two providers with the same id: name one otherwise")
  .refine((all) => new Set(all.map(issuerOf)).size === all.length, "has the same issuer twice: identities of both would be one");

/** Under which its people are kept. */
export function issuerOf(provider: SignInProvider): string {
  return provider.kind === "openid" ? provider.issuer : `${provider.url}/login/oauth`;
}

/** Secrets and identities go there: in the clear only where nobody is on the way. */
function isProviderUrl(value: string): boolean {
  const parsed = URL.parse(value);
  if (parsed === null || /[?#@\s]/.test(value)) return false;
  return (
    parsed.protocol === "https:" ||
    (parsed.protocol === "http:" && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname))
  );
}

/** Whether requests there go in the clear, on this machine. */
export function isInsecure(address: string): boolean {
  return address.startsWith("http:");
}
