import type { ReactNode } from "react";
import type { Registration } from "../api/types.ts";

const DEFAULT_SCOPES = "openid profile email offline_access";

export function NameField({ value = "" }: { value?: string }): ReactNode {
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

export function AccountFields({ scopes, roles }: { scopes: string; roles: string }): ReactNode {
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

export function AppFields({ registration, comesBack }: { registration: Registration | null; comesBack: boolean }): ReactNode {
  const {
    redirectUris = [],
    postLogoutRedirectUris = [],
    backchannelLogoutUri = null,
    firstParty = false,
    scopes,
  } = registration ?? {};
  const { dpopBoundAccessTokens: isBound = false } = registration ?? {};
  const mustPush = registration?.requirePushedAuthorizationRequests ?? false;
  return (
    <>
      {comesBack && (
        <UrisField
          name="redirectUris"
          label="Redirect URIs"
          value={redirectUris}
          hint="Where people go back to: one a line, compared character by character."
          isRequired
        />
      )}
      <label className="check">
        <input type="checkbox" name="firstParty" defaultChecked={firstParty} /> It is ours: nobody is asked for consent, and
        tokens carry roles
      </label>
      <label className="check">
        <input type="checkbox" name="dpop" defaultChecked={isBound} /> Its tokens are bound to its keys (DPoP): it gets no others
      </label>
      {comesBack && (
        <label className="check">
          <input type="checkbox" name="requirePushedAuthorizationRequests" defaultChecked={mustPush} /> It must push its requests
          (RFC 9126)
        </label>
      )}
      <ScopesField value={scopes?.join(" ") ?? DEFAULT_SCOPES} hint="What it may ask for. offline_access lets it refresh." />
      <details open={postLogoutRedirectUris.length > 0 || backchannelLogoutUri !== null}>
        <summary>Signing out</summary>
        <div className="fields">
          <UrisField
            name="postLogoutRedirectUris"
            label="After signing out"
            value={postLogoutRedirectUris}
            hint="Where people may go then: one a line."
          />
          <label>
            Back-channel logout URI
            <input
              name="backchannelLogoutUri"
              type="url"
              autoComplete="off"
              placeholder="https://"
              defaultValue={backchannelLogoutUri ?? ""}
              aria-describedby="backchannel-hint"
            />
            <small className="quiet" id="backchannel-hint">
              Where it is told that a session has ended.
            </small>
          </label>
        </div>
      </details>
    </>
  );
}

function UrisField(field: {
  name: string;
  label: string;
  value: readonly string[];
  hint: string;
  isRequired?: boolean;
}): ReactNode {
  const { name, label, value, hint, isRequired = false } = field;
  return (
    <label>
      {label}
      <textarea
        name={name}
        rows={2}
        required={isRequired}
        spellCheck={false}
        placeholder="https://"
        defaultValue={value.join("\n")}
        aria-describedby={`${name}-hint`}
      />
      <small className="quiet" id={`${name}-hint`}>
        {hint}
      </small>
    </label>
  );
}
