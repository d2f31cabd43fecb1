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
  if (clientSecret === "") console.log(`It has no secret: ${registration?.jwks === null ? "it is public" : "it proves who it is with its key"}.`);
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
  const { clientId, name, guard, registration: all } = client;
  const lines: [string, string][] = [
    ["clientId", clientId],
    ["name", printable(name)],
    ["since", dayOf(client)],
    ["guard", guard ? "yes" : "no"],
  ];
  if (all !== null) {
    lines.push(
      ["grants", all.grantTypes.join(" ")],
      ["proves itself by", all.tokenEndpointAuthMethod],
      ["first party", all.firstParty ? "yes" : "no"],
      ["scopes", all.scopes.join(" ") || "none"],
      ...all.redirectUris.map((uri): [string, string] => ["redirect URI", uri]),
      ...all.postLogoutRedirectUris.map((uri): [string, string] => ["after logout", uri]),
      ...(all.backchannelLogoutUri === null ? [] : [["told of ends at", all.backchannelLogoutUri] as [string, string]]),
      ...(all.jwks === null ? [] : [["keys", all.jwks.keys.map(({ kid }) => (typeof kid === "string" ? kid : "(without kid)")).join(" ")] as [string, string]]),
    );
  }
  for (const [label, text] of lines) console.log(`${label.padEnd(17)} ${printable(text)}`);
}

function jsonOf({ clientId, name, guard, createdAt, registration }: PublicClient): string {
  const oauth = registration === null ? {} : { registration };
  return JSON.stringify({ clientId, name, guard, createdAt: new Date(createdAt).toISOString(), ...oauth });
}

function kindsOf({ guard, registration }: PublicClient): string {
  const isFirstParty = registration?.firstParty === true;
  const kinds = [guard && "guard", registration !== null && `oauth (${registration.grantTypes.join(", ")})`, isFirstParty && "first party"];
  return kinds.filter((kind) => kind !== false).map((kind) => `  ${kind}`).join("");
}

function dayOf({ createdAt }: PublicClient): string {
  return new Date(createdAt).toISOString().slice(0, 10);
}
