import { OstiaryError } from "../../errors.ts";
import { callbackPath } from "../../federation/federation.ts";
import type { Journey } from "../../federation/federation.ts";
import { findPerson, linkIdentity } from "../../federation/find-person.ts";
import { FederationError } from "../../federation/provider-client.ts";
import type { Profile } from "../../federation/provider-client.ts";
import type { SignInProvider } from "../../federation/provider.ts";
import { signInBy } from "../../http/begin-session.ts";
import { deviceOf } from "../../http/device.ts";
import type { FirstStep } from "../../second-factors/pending-sign-in.ts";
import type { User } from "../../users/user.ts";
import { html } from "../html.ts";
import { render } from "../render.ts";
import { signedIn } from "../sign-in/signed-in.ts";
import { visitOf } from "../visit.ts";
import type { Visit } from "../visit.ts";
import { findVisitor, staysSignedIn } from "../visitor.ts";
import { passwordPage } from "./page.ts";
import { problemOf, providerOf } from "./problem.ts";

/** Somebody whom a provider sends back. Nothing that the address says counts but what the provider was to say. */
export async function arrive({ c, deps, assets }: Visit): Promise<Response> {
  let visit = visitOf(c, deps, assets, {});
  const provider = providerOf(visit);
  if (mayBeWithheld(visit)) return comeAgain(visit, provider);
  let journey: Journey | null = null;
  try {
    const browser = deps.cookies.readTransaction(c) ?? "";
    journey = await deps.federation.arrive(provider, browser, c.req.query("state") ?? null);
    const { returnTo, uiLocales, need } = journey;
    visit = visitOf(c, deps, assets, {
      return_to: returnTo ?? undefined,
      ui_locales: uiLocales ?? undefined,
      need: need ?? undefined,
    });
    const profile = await deps.federation.exchange(provider, browser, journey, answerOf(visit, provider));
    if (journey.purpose === "link") return await connect(visit, provider, profile, journey);
    return await signInAs(visit, provider, profile, browser);
  } catch (error) {
    if (error instanceof FederationError) return problemOf(visit, provider, error, journey?.purpose ?? "sign_in");
    throw error;
  }
}

async function signInAs(visit: Visit, provider: SignInProvider, profile: Profile, browser: string): Promise<Response> {
  const { c, deps } = visit;
  const person = await findPerson({ ...deps, random: deps.sessions.random }, provider, profile, deviceOf(c));
  if (person.kind === "password") {
    const { email } = person;
    const pending = await deps.federation.keep(provider, browser, { profile, email });
    return passwordPage(visit, provider, { email, pending }, null);
  }
  // Where it does not tell, nobody here knows.
  const at = Math.min(deps.sessions.clock(), profile.authTime ?? 0);
  const { user, isNew } = person;
  const link = person.toLink
    ? { provider: provider.id, name: await deps.federation.keep(provider, browser, { profile, email: user.email }) }
    : null;
  return signedIn(visit, await begin(visit, provider, { user, at, isNew, browser, link }), browser);
}

interface Arrived {
  readonly user: User;
  readonly at: number;
  readonly isNew: boolean;
  readonly browser: string;
  /** What is to let them in from then on, once they have taken the second step. */
  readonly link: FirstStep["link"];
}

async function begin(visit: Visit, provider: SignInProvider, { user, at, isNew, browser, link }: Arrived) {
  const remember = await staysSignedIn(visit, user.email);
  try {
    return await signInBy(visit.c, visit.deps, user, { provider: provider.id, at }, { isNew, browser, link, remember });
  } catch (error) {
    const isGone = error instanceof OstiaryError && error.code === "invalid_credentials";
    throw isGone ? new FederationError("disabled", `Whoever came by ${provider.name} was disabled meanwhile.`, error) : error;
  }
}

/** Adds a way in to the account of whoever began, who must be there still. */
async function connect(visit: Visit, provider: SignInProvider, profile: Profile, { userId }: Journey): Promise<Response> {
  const { c, deps } = visit;
  const { visitor } = await findVisitor(visit);
  if (visitor === null || visitor.user.id !== userId) {
    throw new FederationError("other_account", "Whoever began to add a way in is not signed in any more.");
  }
  const people = { ...deps, random: deps.sessions.random };
  if (!(await linkIdentity(people, visitor.user, provider, profile, deviceOf(c), "session"))) {
    const owner = await deps.federation.store.find(profile.issuer, profile.subject);
    if (owner?.userId !== userId) throw new FederationError("taken", `The identity of ${provider.name} is another user's.`);
  }
  return c.redirect(visit.link("/account", { notice: "identity-linked" }), 303);
}

/** What the provider said, at our own address by our own name. */
function answerOf({ c, deps }: Visit, { id }: SignInProvider): URL {
  const url = new URL(deps.settings.issuer + callbackPath(id));
  const said = new URL(c.req.url).searchParams;
  said.delete("again");
  url.search = said.toString();
  return url;
}

/** To what comes from another site browsers show no cookies that are strictly of ours. */
function mayBeWithheld({ c }: Visit): boolean {
  return c.req.header("sec-fetch-site") === "cross-site" && c.req.query("again") === undefined;
}

/** The same once more, from a page of ours: it knows the browser then, and what comes next does. */
function comeAgain(visit: Visit, provider: SignInProvider): Response {
  const { texts, deps } = visit;
  const url = answerOf(visit, provider);
  url.searchParams.set("again", "1");
  const here = url.pathname + url.search;
  const body = html`<div class="card">
<h1>${texts.oneMoment}</h1>
<p><a class="button" href="${here}">${texts.goOnTo(deps.settings.pages.name)}</a></p>
</div>`;
  return render(visit, { title: texts.oneMoment, body, width: "narrow", goesOnTo: here });
}
