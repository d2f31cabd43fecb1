import type { SignInProvider } from "../../federation/provider.ts";
import { tokenField } from "../form.ts";
import { attributes, html } from "../html.ts";
import type { Html } from "../html.ts";
import type { Visit } from "../visit.ts";

export const SIGN_IN_WITH = "/sign-in/with";

/** Beneath the form with the password: a passkey, which takes a script, and a button for each provider. */
export function otherWays(visit: Visit, passkey: Html | null): Html | null {
  const { texts, deps } = visit;
  const { providers } = deps.federation;
  if (providers.length === 0 && passkey === null) return null;
  return html`<p class="or"><span>${texts.or}</span></p>
<div class="providers">${passkey}${providers.map((provider) => providerForm(visit, provider, visit.formHolder(), "sign_in", texts.continueWith(provider.name)))}</div>`;
}

/** A form with nothing but a button: what begins must not be begun by a link that somebody was sent. */
export function providerForm(
  visit: Visit,
  provider: SignInProvider,
  holder: string,
  purpose: "sign_in" | "link",
  label: string,
): Html {
  const method = attributes({ method: "post", action: visit.link(`${SIGN_IN_WITH}/${provider.id}`) });
  return html`<form${method}>
${tokenField(visit, holder)}
<input type="hidden" name="purpose" value="${purpose}">
<button type="submit" class="second provider">${providerMark(provider.name)}<span>${label}</span></button>
</form>`;
}

/** Their own signs are theirs: here they have their capitals, which tell GitHub from Google, or their first letter. */
export function providerMark(name: string): Html {
  const [first] = new Intl.Segmenter().segment(name);
  const capitals = name.match(/\p{Lu}/gu)?.slice(0, 2).join("");
  return html`<span class="letter" aria-hidden="true">${capitals ?? first?.segment.toUpperCase() ?? ""}</span>`;
}
