import type { ReactNode } from "react";
import { issuer } from "../api/auth.ts";
import type { Client } from "../api/types.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";

export interface WithSecret {
  readonly client: Client;
  /** Empty for a client that has none. */
  readonly clientSecret: string;
}

/** All that goes into the settings of the client's own side, and its secret this once. */
export function ClientSecret({ told: { client, clientSecret }, close }: { told: WithSecret; close: () => void }): ReactNode {
  const hasSecret = clientSecret !== "";
  const title = hasSecret ? `The secret of ${client.name}` : `${client.name} is ready`;
  return (
    <Dialog title={title} close={close}>
      <p>
        {hasSecret
          ? "It is shown this once: the server keeps only a hash of it."
          : "It has no secret: its id and the issuer are all it needs."}
      </p>
      <dl className="facts">
        <dt>Id</dt>
        <Value text={client.clientId} what="the id" />
        {hasSecret && (
          <>
            <dt>Secret</dt>
            <Value text={clientSecret} what="the secret" />
          </>
        )}
        {client.registration !== null && (
          <>
            <dt>Issuer</dt>
            <Value text={issuer} what="the issuer" />
          </>
        )}
      </dl>
      <div className="actions end">
        <button type="button" className="primary" onClick={close}>
          {hasSecret ? "I have kept it" : "Done"}
        </button>
      </div>
    </Dialog>
  );
}

function Value({ text, what }: { text: string; what: string }): ReactNode {
  return (
    <dd>
      <code className="wrap">{text}</code> <CopyButton text={text} what={what} />
    </dd>
  );
}
