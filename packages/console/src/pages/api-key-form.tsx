import type { ReactNode, SubmitEvent } from "react";
import { call } from "../api/call.ts";
import { useAction } from "../api/queries.ts";
import type { ApiKey, KeyOwner } from "../api/types.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { FormEnd } from "../parts/form-end.tsx";

export interface WithKey {
  readonly apiKey: ApiKey;
  readonly key: string;
}

const DAYS = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["", "until it is revoked"],
] as const;

export function CreateApiKey({
  owner,
  close,
  tell,
}: {
  owner: KeyOwner;
  close: () => void;
  tell: (made: WithKey) => void;
}): ReactNode {
  const isUsers = "userId" in owner;
  const create = useAction(
    (body: object) => call<WithKey>("POST", "/api-keys", body),
    ({ apiKey }) => `${apiKey.name} is a key now.`,
  );
  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const [scopes, days] = [textOf(values, "scopes"), textOf(values, "days")];
    create.mutate(
      {
        ...owner,
        name: values.get("name"),
        ...(scopes === "" ? {} : { scopes: scopes.split(/\s+/) }),
        withRoles: values.has("withRoles"),
        ...(days === "" ? {} : { expiresInDays: Number(days) }),
      },
      { onSuccess: tell },
    );
  }
  return (
    <Dialog title="Make an API key" close={close}>
      <form className="fields" onSubmit={send}>
        <label>
          Name
          <input name="name" required maxLength={100} autoComplete="off" placeholder="Nightly report" />
        </label>
        <label>
          Scopes
          <input name="scopes" autoComplete="off" spellCheck={false} aria-describedby="key-scopes-hint" />
          <small className="quiet" id="key-scopes-hint">
            Separated by spaces. {isUsers ? "Left empty: none." : "Left empty: all that it is registered with."}
          </small>
        </label>
        <label className="check">
          <input type="checkbox" name="withRoles" defaultChecked={!isUsers} />{" "}
          {isUsers ? "The user's roles are the key's too" : "The roles of the service account are the key's too"}
        </label>
        <label>
          Good for
          <select name="days" defaultValue="90">
            {DAYS.map(([days, text]) => (
              <option key={days} value={days}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <FormEnd of={create} close={close} yes="Make" />
      </form>
    </Dialog>
  );
}

/** This once. */
export function ApiKeySecret({ told: { apiKey, key }, close }: { told: WithKey; close: () => void }): ReactNode {
  return (
    <Dialog title={`The key ${apiKey.name}`} close={close}>
      <p>It is shown this once: the server keeps only a hash of it.</p>
      <dl className="facts">
        <dt>Key</dt>
        <dd>
          <code className="wrap">{key}</code> <CopyButton text={key} what="the key" />
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

function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value.trim() : "";
}
