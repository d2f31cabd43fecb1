import { useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import { call } from "../api/call.ts";
import { useAction, useClients } from "../api/queries.ts";
import type { Client } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Badge, Empty, More, Pending, Scroll } from "../parts/states.tsx";
import { When } from "../parts/when.tsx";

interface WithSecret {
  readonly client: Client;
  readonly clientSecret: string;
}

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
      <p className="quiet">Programs with credentials of their own. Guards among them follow the revocation feed, and ask about tokens.</p>
      <Pending of={clients}>
        {rows.length === 0 ? (
          <Empty title="No clients yet." />
        ) : (
          <Scroll label="Clients">
            <table className="cards">
              <thead>
                <tr>
                  <th scope="col">Client</th>
                  <th scope="col">May</th>
                  <th scope="col">Made</th>
                  <th scope="col">
                    <span className="hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((client) => (
                  <Row key={client.clientId} client={client} tell={setTold} />
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
        <More of={clients} />
      </Pending>
      {isCreating && (
        <CreateClient
          close={() => setCreating(false)}
          tell={(made) => {
            setCreating(false);
            setTold(made);
          }}
        />
      )}
      {told !== null && <Secret told={told} close={() => setTold(null)} />}
    </>
  );
}

function Row({ client, tell }: { client: Client; tell: (told: WithSecret) => void }): ReactNode {
  const ask = useConfirm();
  const { clientId, name } = client;
  const path = `/clients/${encodeURIComponent(clientId)}`;
  const rotate = useAction(() => call<WithSecret>("POST", `${path}/secret`), () => `${name} has another secret.`);
  const remove = useAction(() => call("DELETE", path), () => `${name} is deleted.`);

  async function rotateSecret(): Promise<void> {
    const text = `The present secret of ${name} is refused at once, and feeds that were opened with it end.`;
    if (await ask({ title: "Give another secret?", text, yes: "New secret", isDangerous: true })) rotate.mutate(undefined, { onSuccess: tell });
  }
  async function removeClient(): Promise<void> {
    const text = `${name} is refused at once. A guard that used it stops accepting tokens when it has been cut off for too long.`;
    if (await ask({ title: "Delete this client?", text, yes: "Delete", isDangerous: true })) remove.mutate(undefined);
  }

  return (
    <tr>
      <th scope="row">
        {name}
        <small className="quiet">
          <code>{clientId}</code>
        </small>
      </th>
      <td>{client.guard ? <Badge tone="good">guard</Badge> : <span className="quiet">nothing yet</span>}</td>
      <td>
        <When at={client.createdAt} />
      </td>
      <td className="actions end">
        <button type="button" className="small" aria-label={`New secret for ${name}`} disabled={rotate.isPending} onClick={() => void rotateSecret()}>
          New secret
        </button>
        <button type="button" className="small danger quiet-button" aria-label={`Delete ${name}`} disabled={remove.isPending} onClick={() => void removeClient()}>
          Delete
        </button>
      </td>
    </tr>
  );
}

function CreateClient({ close, tell }: { close: () => void; tell: (made: WithSecret) => void }): ReactNode {
  const create = useAction(
    (body: object) => call<WithSecret>("POST", "/clients", body),
    ({ client }) => `${client.name} is a client now.`,
  );
  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    create.mutate({ name: values.get("name"), guard: values.has("guard") }, { onSuccess: tell });
  }
  return (
    <Dialog title="Create a client" close={close}>
      <form className="fields" onSubmit={send}>
        <label>
          Name
          <input name="name" required maxLength={100} autoComplete="off" placeholder="Orders API" />
        </label>
        <label className="check">
          <input type="checkbox" name="guard" defaultChecked /> It guards an API: follows revocations, asks about tokens
        </label>
        <p className="wrong" role="alert">
          {create.error?.message}
        </p>
        <div className="actions end">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={create.isPending}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Secret({ told: { client, clientSecret }, close }: { told: WithSecret; close: () => void }): ReactNode {
  return (
    <Dialog title={`The secret of ${client.name}`} close={close}>
      <p>It is shown this once: the server keeps only a hash of it.</p>
      <dl className="facts">
        <dt>Id</dt>
        <dd>
          <code className="wrap">{client.clientId}</code> <CopyButton text={client.clientId} what="the id" />
        </dd>
        <dt>Secret</dt>
        <dd>
          <code className="wrap">{clientSecret}</code> <CopyButton text={clientSecret} what="the secret" />
        </dd>
      </dl>
      <div className="actions end">
        <button type="button" className="primary" onClick={close}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}
