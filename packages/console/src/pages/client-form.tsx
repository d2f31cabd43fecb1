import { useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import { call } from "../api/call.ts";
import { useAction } from "../api/queries.ts";
import { DEVICE_GRANT } from "../api/types.ts";
import type { Client, Registration } from "../api/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import { FormEnd } from "../parts/form-end.tsx";
import { AccountFields, AppFields, NameField } from "./client-fields.tsx";
import type { WithSecret } from "./client-secret.tsx";
import { accountOf, appOf, KINDS, newRegistration } from "./client-values.ts";
import type { Kind } from "./client-values.ts";

export function CreateClient({ close, tell }: { close: () => void; tell: (made: WithSecret) => void }): ReactNode {
  const [kind, setKind] = useState<Kind>("guard");
  const create = useAction(
    (body: object) => call<WithSecret>("POST", "/clients", body),
    ({ client }) => `${client.name} is a client now.`,
  );
  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    create.mutate({ name: values.get("name"), guard: kind === "guard", ...newRegistration(kind, values) }, { onSuccess: tell });
  }
  return (
    <Dialog title="Create a client" close={close}>
      <form className="fields" onSubmit={send}>
        <NameField />
        <fieldset className="kinds">
          <legend>What it is</legend>
          {KINDS.map(([name, label, text]) => (
            <label key={name} className="kind">
              <input type="radio" name="kind" value={name} checked={kind === name} onChange={() => setKind(name)} />
              <span>
                {label}
                <small className="quiet">{text}</small>
              </span>
            </label>
          ))}
        </fieldset>
        {(kind === "app" || kind === "device") && (
          <>
            <AppFields registration={null} comesBack={kind === "app"} />
            <label className="check">
              <input type="checkbox" name="public" /> It can keep no secret: it runs in browsers or on devices
            </label>
          </>
        )}
        {kind === "program" && <AccountFields scopes="" roles="" />}
        <FormEnd of={create} close={close} yes="Create" />
      </form>
    </Dialog>
  );
}

export function EditClient({
  client,
  registration,
  close,
}: {
  client: Client;
  registration: Registration;
  close: () => void;
}): ReactNode {
  const comesBack = registration.grantTypes.includes("authorization_code");
  const isForUsers = comesBack || registration.grantTypes.includes(DEVICE_GRANT);
  const save = useAction(
    (body: object) => call("PATCH", `/clients/${encodeURIComponent(client.clientId)}`, body),
    () => `${client.name} is changed.`,
  );
  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const changes = isForUsers ? appOf(values, comesBack) : accountOf(values);
    save.mutate({ name: values.get("name"), registration: changes }, { onSuccess: close });
  }
  return (
    <Dialog title={`Change ${client.name}`} close={close}>
      <form className="fields" onSubmit={send}>
        <NameField value={client.name} />
        {isForUsers ? (
          <AppFields registration={registration} comesBack={comesBack} />
        ) : (
          <AccountFields scopes={registration.scopes.join(" ")} roles={registration.roles.join(" ")} />
        )}
        <FormEnd of={save} close={close} yes="Save" />
      </form>
    </Dialog>
  );
}
