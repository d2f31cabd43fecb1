import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { call } from "../api/call.ts";
import { useAction, useClients } from "../api/queries.ts";
import { DEVICE_GRANT } from "../api/types.ts";
import type { Client } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";
import { Badge, Empty } from "../parts/states.tsx";
import { ListTable } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";
import { CreateClient, EditClient } from "./client-form.tsx";
import { ClientSecret } from "./client-secret.tsx";
import type { WithSecret } from "./client-secret.tsx";

export function ClientsPage(): ReactNode {
  const clients = useClients();
  const [isCreating, setCreating] = useState(false);
  const [told, setTold] = useState<WithSecret | null>(null);
  const rows = clients.data?.pages.flatMap((page) => page.clients) ?? [];
  return (
    <>
      <div className="head">
        <h1>Clients</h1>
        <button type="button" className="primary" onClick={() => setCreating(true)}>
          Create a client
        </button>
      </div>
      <p className="quiet">
        Programs that the server knows: apps that sign users in, service accounts with tokens of their own, and guards, which
        follow the revocation feed.
      </p>
      <ListTable
        of={clients}
        rows={rows}
        label="Clients"
        className="cards clients"
        columns={["Client", "May", "Made"]}
        hasActions
        row={(client) => <Row key={client.clientId} client={client} tell={setTold} />}
        empty={<Empty title="No clients yet." />}
      />
      {isCreating && (
        <CreateClient
          close={() => setCreating(false)}
          tell={(made) => {
            setCreating(false);
            setTold(made);
          }}
        />
      )}
      {told !== null && <ClientSecret told={told} close={() => setTold(null)} />}
    </>
  );
}

function Row({ client, tell }: { client: Client; tell: (told: WithSecret) => void }): ReactNode {
  const ask = useConfirm();
  const { clientId, name, registration, selfRegistered } = client;
  const [isChanging, setChanging] = useState(false);
  const path = `/clients/${encodeURIComponent(clientId)}`;
  const rotate = useAction(() => call<WithSecret>("POST", `${path}/secret`), () => `${name} has another secret.`);
  const remove = useAction(() => call("DELETE", path), () => `${name} is deleted.`);

  async function rotateSecret(): Promise<void> {
    const text = `The present secret of ${name} is refused at once, and feeds that were opened with it end.`;
    if (await ask({ title: "Give another secret?", text, yes: "New secret", isDangerous: true })) {
      rotate.mutate(undefined, { onSuccess: tell });
    }
  }
  async function removeClient(): Promise<void> {
    const text = registration === null
      ? `${name} is refused at once. A guard that used it stops accepting tokens when it has been cut off for too long.`
      : `${name} is refused at once, everybody is signed out of it, and its tokens are worthless.`;
    if (await ask({ title: "Delete this client?", text, yes: "Delete", isDangerous: true })) remove.mutate(undefined);
  }

  return (
    <tr>
      <th scope="row">
        <Link href={`/clients/${encodeURIComponent(clientId)}`}>{name}</Link>
        <small className="quiet">
          <code>{clientId}</code>
          {selfRegistered !== null && ` · ${originOf(selfRegistered)}`}
        </small>
      </th>
      <td>
        <Abilities client={client} />
      </td>
      <td>
        <When at={client.createdAt} />
      </td>
      <td className="actions end">
        {registration !== null && (
          <button type="button" className="small" aria-label={`Change ${name}`} onClick={() => setChanging(true)}>
            Change
          </button>
        )}
        {hasSecret(client) && (
          <button
            type="button"
            className="small"
            aria-label={`New secret for ${name}`}
            disabled={rotate.isPending}
            onClick={() => void rotateSecret()}
          >
            New secret
          </button>
        )}
        <button
          type="button"
          className="small danger quiet-button"
          aria-label={`Delete ${name}`}
          disabled={remove.isPending}
          onClick={() => void removeClient()}
        >
          Delete
        </button>
        {isChanging && registration !== null && (
          <EditClient client={client} registration={registration} close={() => setChanging(false)} />
        )}
      </td>
    </tr>
  );
}

export function Abilities({ client: { guard, registration, selfRegistered } }: { client: Client }): ReactNode {
  const grants = registration?.grantTypes ?? [];
  if (!guard && registration === null) return <span className="quiet">nothing yet</span>;
  return (
    <span className="badges">
      {grants.includes("authorization_code") && <Badge>signs users in</Badge>}
      {grants.includes(DEVICE_GRANT) && <Badge>devices</Badge>}
      {grants.includes("client_credentials") && <Badge>service account</Badge>}
      {guard && <Badge tone="good">guard</Badge>}
      {registration?.firstParty === true && <Badge>ours</Badge>}
      {registration?.tokenEndpointAuthMethod === "none" && <Badge>public</Badge>}
      {registration?.dpopBoundAccessTokens === true && <Badge>bound tokens</Badge>}
      {selfRegistered !== null && <Badge tone="warn">registered itself</Badge>}
    </span>
  );
}

/** Where it came from, and whether anybody uses it: what has never been used goes by itself. */
function originOf({ way, ip, usedAt }: NonNullable<Client["selfRegistered"]>): string {
  const from = way === "document" ? "by its document" : `registered from ${ip ?? "an unknown address"}`;
  return usedAt === null ? `${from}, never used` : from;
}

function hasSecret({ registration }: Client): boolean {
  return registration === null || registration.tokenEndpointAuthMethod.startsWith("client_secret_");
}
