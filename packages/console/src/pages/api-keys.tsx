import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../api/call.ts";
import { useAction, useApiKeys } from "../api/queries.ts";
import type { ApiKey, KeyOwner } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";
import { Badge, Empty } from "../parts/states.tsx";
import { ListTable } from "../parts/table.tsx";
import { useNow, When } from "../parts/when.tsx";
import { ApiKeySecret, CreateApiKey } from "./api-key-form.tsx";
import type { WithKey } from "./api-key-form.tsx";

/** The keys of a user or of a service account. `mayMake`: whoever is shut out is given none. */
export function ApiKeys({ owner, mayMake = true }: { owner: KeyOwner; mayMake?: boolean }): ReactNode {
  const keys = useApiKeys(owner);
  const [isCreating, setCreating] = useState(false);
  const [told, setTold] = useState<WithKey | null>(null);
  const rows = keys.data?.pages.flatMap((page) => page.apiKeys) ?? [];
  return (
    <section>
      <div className="head">
        <h2>API keys</h2>
        {mayMake && (
          <button type="button" onClick={() => setCreating(true)}>
            Make a key
          </button>
        )}
      </div>
      <ListTable
        of={keys}
        rows={rows}
        label="API keys"
        columns={["Key", "State", "Last used"]}
        hasActions
        row={(key) => <Row key={key.id} apiKey={key} tell={setTold} />}
        empty={<Empty title="No API keys." />}
      />
      {isCreating && (
        <CreateApiKey
          owner={owner}
          close={() => setCreating(false)}
          tell={(made) => {
            setCreating(false);
            setTold(made);
          }}
        />
      )}
      {told !== null && <ApiKeySecret told={told} close={() => setTold(null)} />}
    </section>
  );
}

function Row({ apiKey, tell }: { apiKey: ApiKey; tell: (told: WithKey) => void }): ReactNode {
  const ask = useConfirm();
  const { id, name, scopes, withRoles, createdAt } = apiKey;
  const isLive = useIsLive(apiKey);
  const path = `/api-keys/${encodeURIComponent(id)}`;
  const rotate = useAction(() => call<WithKey>("POST", `${path}/rotate`), () => `${name} has another secret.`);
  const revoke = useAction(() => call("DELETE", path), () => `${name} is revoked. Every guard refuses it from now on.`);

  async function rotateKey(): Promise<void> {
    const text = `What ${name} has now is refused at once. With ostiary api-keys rotate it can go on for a while.`;
    if (await ask({ title: "Give another secret?", text, yes: "New secret", isDangerous: true })) {
      rotate.mutate(undefined, { onSuccess: tell });
    }
  }
  async function revokeKey(): Promise<void> {
    const text = `Whoever uses ${name} is refused at once, for good.`;
    if (await ask({ title: "Revoke this key?", text, yes: "Revoke", isDangerous: true })) revoke.mutate(undefined);
  }

  return (
    <tr>
      <th scope="row">
        {name}
        <small className="quiet">
          <code>ostk_{id}…</code>
        </small>
        <small className="quiet">
          {[...scopes, ...(withRoles ? ["with roles"] : [])].join(" · ") || "no scopes"} · made <When at={createdAt} />
        </small>
      </th>
      <td>
        <State apiKey={apiKey} />
      </td>
      <td>
        <When at={apiKey.lastUsedAt} none="not used yet" />
      </td>
      <td className="actions end">
        {isLive && (
          <>
            <button
              type="button"
              className="small"
              aria-label={`New secret for ${name}`}
              disabled={rotate.isPending}
              onClick={() => void rotateKey()}
            >
              New secret
            </button>
            <button
              type="button"
              className="small danger quiet-button"
              aria-label={`Revoke ${name}`}
              disabled={revoke.isPending}
              onClick={() => void revokeKey()}
            >
              Revoke
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

function State({ apiKey }: { apiKey: ApiKey }): ReactNode {
  const { revokedAt, expiresAt, previousUntil } = apiKey;
  const isLive = useIsLive(apiKey);
  if (revokedAt !== null) return <Badge>Revoked</Badge>;
  if (!isLive) return <Badge tone="warn">Expired</Badge>;
  return (
    <>
      <Badge tone="good">Live</Badge>
      {expiresAt !== null && (
        <small className="quiet">
          ends <When at={expiresAt} />
        </small>
      )}
      {previousUntil !== null && (
        <small className="quiet">
          old secret ends <When at={previousUntil} />
        </small>
      )}
    </>
  );
}

function useIsLive({ revokedAt, expiresAt }: ApiKey): boolean {
  const now = useNow(30_000);
  return revokedAt === null && (expiresAt === null || now < Date.parse(expiresAt));
}
