import { useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import { call } from "../api/call.ts";
import { useAction } from "../api/queries.ts";
import { DEVICE_GRANT } from "../api/types.ts";
import type { Client, Registration } from "../api/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import type { WithSecret } from "./client-secret.tsx";

const DEFAULT_SCOPES = "openid profile email offline_access";

const KINDS = [
  ["guard", "A guard", "An API that checks tokens: it follows revocations and asks about tokens."],
  ["app", "An app that signs users in", "By OpenID Connect: people come here to sign in, and go back."],
  ["device", "A device without a browser", "A television, a command line: it shows a code, and people let it in with another device."],
  ["program", "A service account", "A program with tokens of its own or API keys, without a user."],
] as const;
type Kind = (typeof KINDS)[number][0];

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
        <Buttons error={create.error} isPending={create.isPending} close={close} yes="Create" />
      </form>
    </Dialog>
  );
}

export function EditClient({ client, registration, close }: { client: Client; registration: Registration; close: () => void }): ReactNode {
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
        <Buttons error={save.error} isPending={save.isPending} close={close} yes="Save" />
      </form>
    </Dialog>
  );
}

function NameField({ value = "" }: { value?: string }): ReactNode {
  return (
    <label>
      Name
      <input name="name" required maxLength={100} autoComplete="off" placeholder="Orders API" defaultValue={value} />
    </label>
  );
}

function ScopesField({ value, hint }: { value: string; hint: string }): ReactNode {
  return (
    <label>
      Scopes
      <input name="scopes" autoComplete="off" spellCheck={false} defaultValue={value} aria-describedby="scopes-hint" />
      <small className="quiet" id="scopes-hint">
        {hint}
      </small>
    </label>
  );
}

function AccountFields({ scopes, roles }: { scopes: string; roles: string }): ReactNode {
  return (
    <>
      <ScopesField value={scopes} hint="Separated by spaces, such as orders:read." />
      <label>
        Roles
        <input name="roles" autoComplete="off" spellCheck={false} defaultValue={roles} aria-describedby="roles-hint" />
        <small className="quiet" id="roles-hint">
          What its tokens say that it is. Separated by spaces.
        </small>
      </label>
    </>
  );
}

function AppFields({ registration, comesBack }: { registration: Registration | null; comesBack: boolean }): ReactNode {
  const { redirectUris = [], postLogoutRedirectUris = [], backchannelLogoutUri = null, firstParty = false, scopes } = registration ?? {};
  const { dpopBoundAccessTokens: isBound = false } = registration ?? {};
  const mustPush = registration?.requirePushedAuthorizationRequests ?? false;
  return (
    <>
      {comesBack && (
        <UrisField name="redirectUris" label="Redirect URIs" value={redirectUris} hint="Where people go back to: one a line, compared character by character." isRequired />
      )}
      <label className="check">
        <input type="checkbox" name="firstParty" defaultChecked={firstParty} /> It is ours: nobody is asked for consent, and tokens carry roles
      </label>
      <label className="check">
        <input type="checkbox" name="dpop" defaultChecked={isBound} /> Its tokens are bound to its keys (DPoP): it gets no others
      </label>
      {comesBack && (
        <label className="check">
          <input type="checkbox" name="requirePushedAuthorizationRequests" defaultChecked={mustPush} /> It must push its requests (RFC 9126)
        </label>
      )}
      <ScopesField value={scopes?.join(" ") ?? DEFAULT_SCOPES} hint="What it may ask for. offline_access lets it refresh." />
      <details open={postLogoutRedirectUris.length > 0 || backchannelLogoutUri !== null}>
        <summary>Signing out</summary>
        <div className="fields">
          <UrisField name="postLogoutRedirectUris" label="After signing out" value={postLogoutRedirectUris} hint="Where people may go then: one a line." />
          <label>
            Back-channel logout URI
            <input name="backchannelLogoutUri" type="url" autoComplete="off" placeholder="https://" defaultValue={backchannelLogoutUri ?? ""} aria-describedby="backchannel-hint" />
            <small className="quiet" id="backchannel-hint">
              Where it is told that a session has ended.
            </small>
          </label>
        </div>
      </details>
    </>
  );
}

function UrisField(field: { name: string; label: string; value: readonly string[]; hint: string; isRequired?: boolean }): ReactNode {
  const { name, label, value, hint, isRequired = false } = field;
  return (
    <label>
      {label}
      <textarea name={name} rows={2} required={isRequired} spellCheck={false} placeholder="https://" defaultValue={value.join("\n")} aria-describedby={`${name}-hint`} />
      <small className="quiet" id={`${name}-hint`}>
        {hint}
      </small>
    </label>
  );
}

function Buttons({ error, isPending, close, yes }: { error: Error | null; isPending: boolean; close: () => void; yes: string }): ReactNode {
  return (
    <>
      <p className="wrong" role="alert">
        {error?.message}
      </p>
      <div className="actions end">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button type="submit" className="primary" disabled={isPending}>
          {yes}
        </button>
      </div>
    </>
  );
}

function newRegistration(kind: Kind, values: FormData): { registration?: object } {
  if (kind === "guard") return {};
  if (kind === "program") return { registration: { grantTypes: ["client_credentials"], ...accountOf(values) } };
  const grants = kind === "device" ? { grantTypes: [DEVICE_GRANT, "refresh_token"] } : {};
  const publicly = values.has("public") ? { tokenEndpointAuthMethod: "none" } : {};
  return { registration: { ...appOf(values, kind === "app"), ...grants, ...publicly } };
}

/** Where nobody comes back to it, there is nothing to say of that. */
function appOf(values: FormData, comesBack: boolean): object {
  const back = { redirectUris: words(values, "redirectUris"), requirePushedAuthorizationRequests: values.has("requirePushedAuthorizationRequests") };
  return {
    ...(comesBack ? back : {}),
    firstParty: values.has("firstParty"),
    scopes: words(values, "scopes"),
    postLogoutRedirectUris: words(values, "postLogoutRedirectUris"),
    dpopBoundAccessTokens: values.has("dpop"),
    backchannelLogoutUri: words(values, "backchannelLogoutUri")[0] ?? null,
  };
}

function accountOf(values: FormData): object {
  return { scopes: words(values, "scopes"), roles: words(values, "roles") };
}

/** Neither scopes nor URIs have spaces in them. */
function words(values: FormData, name: string): string[] {
  const value = values.get(name);
  return typeof value === "string" ? value.split(/\s+/).filter((word) => word !== "") : [];
}
