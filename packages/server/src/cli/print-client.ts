import type { ClientWithSecret, PublicClient } from "../clients/clients.ts";
import { printable } from "./printable.ts";

/** Once for all time; for people with what else a relying party needs to know. */
export function printSecret(client: ClientWithSecret, { issuer }: { issuer: string }, json = false): void {
  const { clientId, clientSecret, name, guard, registration } = client;
  if (json) {
    const more = registration === null ? {} : { issuer, registration };
    console.log(JSON.stringify({ clientId, ...(clientSecret === "" ? {} : { clientSecret }), name, guard, ...more }));
    return;
  }
  if (registration !== null) console.log(`discovery     ${issuer}/.well-known/openid-configuration`);
  console.log(`clientId      ${clientId}`);
  if (clientSecret === "") console.log(`It has no secret: ${registration?.tokenEndpointAuthMethod === "none" ? "it is public" : "it proves who it is with its key"}.`);
  else console.log(`clientSecret  ${clientSecret}\nThe secret is not shown again.`);
}

/** A line of a list. */
export function printClient(client: PublicClient, json = false): void {
  if (json) console.log(jsonOf(client));
  else console.log(`${client.clientId}  ${printable(client.name)}${kindsOf(client)}  since ${dayOf(client)}`);
}

export function printDetails(client: PublicClient, json = false): void {
  if (json) {
    console.log(jsonOf(client));
    return;
  }
  const { clientId, name, guard, registration: all, selfRegistered } = client;
  const lines: [string, string][] = [
    ["clientId", clientId],
    ["name", printable(name)],
    ["since", dayOf(client)],
    ["guard", guard ? "yes" : "no"],
  ];
  if (selfRegistered !== null) lines.push(["came by itself", cameBy(selfRegistered)]);
  if (all !== null) {
    lines.push(
      ["grants", all.grantTypes.join(" ")],
      ["proves itself by", all.tokenEndpointAuthMethod],
      ["first party", all.firstParty ? "yes" : "no"],
      ...(all.dpopBoundAccessTokens ? [["tokens", "bound to keys (DPoP)"] as [string, string]] : []),
      ["pushes always", all.requirePushedAuthorizationRequests ? "yes" : "no"],
      ["scopes", all.scopes.join(" ") || "none"],
      ...(all.roles.length === 0 ? [] : [["roles", all.roles.join(" ")] as [string, string]]),
      ...all.redirectUris.map((uri): [string, string] => ["redirect URI", uri]),
      ...all.postLogoutRedirectUris.map((uri): [string, string] => ["after logout", uri]),
      ...(all.backchannelLogoutUri === null ? [] : [["told of ends at", all.backchannelLogoutUri] as [string, string]]),
      ...(all.jwks === null ? [] : [["keys", all.jwks.keys.map(({ kid }) => (typeof kid === "string" ? kid : "(without kid)")).join(" ")] as [string, string]]),
      ...(typeof all.jwksUri === "string" ? [["keys at", all.jwksUri] as [string, string]] : []),
    );
  }
  for (const [label, text] of lines) console.log(`${label.padEnd(17)} ${printable(text)}`);
}

function jsonOf({ clientId, name, guard, createdAt, registration, selfRegistered }: PublicClient): string {
  const oauth = registration === null ? {} : { registration };
  const itself = selfRegistered === null ? {} : { selfRegistered: { ...selfRegistered, usedAt: isoOrNull(selfRegistered.usedAt) } };
  return JSON.stringify({ clientId, name, guard, createdAt: new Date(createdAt).toISOString(), ...oauth, ...itself });
}

function cameBy({ way, ip, usedAt }: NonNullable<PublicClient["selfRegistered"]>): string {
  const from = way === "document" ? "by its document" : `from ${ip ?? "an unknown address"}`;
  return `${from}, ${usedAt === null ? "never used" : `in use since ${new Date(usedAt).toISOString().slice(0, 10)}`}`;
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function kindsOf({ guard, registration, selfRegistered }: PublicClient): string {
  const isFirstParty = registration?.firstParty === true;
  const kinds = [guard && "guard", registration !== null && `oauth (${registration.grantTypes.join(", ")})`, isFirstParty && "first party", selfRegistered !== null && "came by itself"];
  return kinds.filter((kind) => kind !== false).map((kind) => `  ${kind}`).join("");
}

function dayOf({ createdAt }: PublicClient): string {
  return new Date(createdAt).toISOString().slice(0, 10);
}
