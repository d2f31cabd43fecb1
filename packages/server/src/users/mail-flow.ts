/**
 * What holding a mailbox proves: that an address is somebody's, and where a password is forgotten, who they are.
 * A link is looked at here, and used up in the transaction of what it allows. Nobody is signed in by one.
 */
import type { Origin } from "../audit/audit-event.ts";
import { OstiaryError } from "../errors.ts";
import type { MailDesk } from "../mail/mail-desk.ts";
import { isLinkToken, linkHashOf, passwordMark } from "../mail/mail-link.ts";
import type { LinkPurpose, MailLink } from "../mail/mail-link.ts";
import type { MailLanguage } from "../mail/mail-draft.ts";
import type { MailStore } from "../mail/mail-store.ts";
import type { RevocationPublisher } from "../revocation/revocations.ts";
import type { LoginDeps } from "./authenticate.ts";
import { emailIdentity } from "./email.ts";
import type { User } from "./user.ts";

/** What the flows work with. */
export interface MailFlowDeps extends Omit<LoginDeps, "knowsDevice"> {
  readonly desk: MailDesk;
  readonly links: Pick<MailStore, "findLink">;
  readonly revocations: RevocationPublisher;
}

/** Who asks for a mail, and in which language. */
export interface Asker {
  readonly origin: Origin;
  readonly language: MailLanguage;
}

/** The link of a token and whose it is. Throws `invalid_link`, which does not tell why, or `too_many_attempts`. */
export async function openLink(
  { links, store, limits, clock }: Pick<MailFlowDeps, "links" | "store" | "limits" | "clock">,
  token: string,
  purpose: LinkPurpose,
  origin: Origin,
): Promise<{ link: MailLink; user: User }> {
  const link = await findLink(links, token, purpose, clock());
  const user = link === null || link.userId === null ? null : await store.find(link.userId);
  if (link !== null && user !== null && isStillFor(link, user)) return { link, user };
  await limits.wrongLink(origin.ip);
  throw invalidLink();
}

/** One that is for this, not used and not over; else null. */
export async function findLink(
  links: MailFlowDeps["links"],
  token: string,
  purpose: LinkPurpose,
  now: number,
): Promise<MailLink | null> {
  const link = isLinkToken(token) ? await links.findLink(linkHashOf(token)) : null;
  return link !== null && link.purpose === purpose && link.usedAt === null && link.expiresAt > now ? link : null;
}

/** Whoever has changed the address or the password since has made the links of before worthless. */
function isStillFor({ purpose, address, boundTo }: MailLink, user: User): boolean {
  const isAboutCurrent = purpose === "reset_password" || purpose === "verify_email";
  if (isAboutCurrent && emailIdentity(user.email) !== emailIdentity(address)) return false;
  return user.disabledAt === null && (boundTo === null || boundTo === passwordMark(user.passwordHash));
}

export function invalidLink(): OstiaryError {
  return new OstiaryError("invalid_link", "The link has been used, is too old, or was replaced by a newer one. Ask for another.");
}
