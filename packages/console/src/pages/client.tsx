import type { ReactNode } from "react";
import { Link } from "wouter";
import { useClient } from "../api/queries.ts";
import type { Client, Registration } from "../api/types.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Pending } from "../parts/states.tsx";
import { fullTime } from "../parts/when.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { Abilities } from "./clients.tsx";

export function ClientPage({ id }: { id: string }): ReactNode {
  const client = useClient(id);
  return (
    <>
      <p className="crumbs">
        <Link href="/clients">Clients</Link>
      </p>
      <Pending of={client}>{client.data !== undefined && <Details client={client.data} />}</Pending>
    </>
  );
}

function Details({ client }: { client: Client }): ReactNode {
  const { clientId, name, registration, createdAt } = client;
  return (
    <>
      <div className="head">
        <div className="title">
          <h1 className="clip">{name}</h1>
          <Abilities client={client} />
        </div>
      </div>
      {/* Apps that sign users in have none: they have their users' tokens. */}
      {registration?.grantTypes.includes("client_credentials") === true && <ApiKeys owner={{ clientId }} />}
      <section className="card">
        <h2>Client</h2>
        <dl className="facts">
          <dt>Id</dt>
          <dd>
            <code className="clip">{clientId}</code> <CopyButton text={clientId} what="the id" />
          </dd>
          <dt>Made</dt>
          <dd>{fullTime(createdAt)}</dd>
          {registration !== null && <Registered registration={registration} />}
        </dl>
      </section>
    </>
  );
}

function Registered({
  registration: { scopes, roles, tokenEndpointAuthMethod, redirectUris },
}: {
  registration: Registration;
}): ReactNode {
  return (
    <>
      <dt>Proves itself by</dt>
      <dd>
        <code>{tokenEndpointAuthMethod}</code>
      </dd>
      <dt>Scopes</dt>
      <dd>{scopes.join(" ") || <span className="quiet">none</span>}</dd>
      {roles.length > 0 && (
        <>
          <dt>Roles</dt>
          <dd>{roles.join(" ")}</dd>
        </>
      )}
      {redirectUris.map((uri) => (
        <Uri key={uri} uri={uri} />
      ))}
    </>
  );
}

function Uri({ uri }: { uri: string }): ReactNode {
  return (
    <>
      <dt>Redirect URI</dt>
      <dd>
        <code className="wrap">{uri}</code>
      </dd>
    </>
  );
}
