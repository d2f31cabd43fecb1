"use client";

import { useActionState } from "react";
import { signIn } from "../actions";

export function LoginForm({ returnTo }: { returnTo: string }) {
  const [{ problem, mfaToken }, action, pending] = useActionState(signIn, {});
  return (
    <form action={action} key={mfaToken}>
      <input type="hidden" name="return_to" value={returnTo} />
      {problem !== undefined && <p role="alert">{problem}</p>}
      {mfaToken === undefined ? <FirstStep /> : <SecondStep mfaToken={mfaToken} returnTo={returnTo} />}
      <button type="submit" disabled={pending}>
        Sign in
      </button>
    </form>
  );
}

function FirstStep() {
  return (
    <>
      <label>
        E-mail <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
    </>
  );
}

/** A passkey takes a script of the auth server's pages, or `@ostiary/client/passkeys`. */
function SecondStep({ mfaToken, returnTo }: { mfaToken: string; returnTo: string }) {
  return (
    <>
      <input type="hidden" name="mfaToken" value={mfaToken} />
      <label>
        Code of your authenticator app <input name="code" inputMode="numeric" autoComplete="one-time-code" autoFocus />
      </label>
      <label>
        or a recovery code <input name="recoveryCode" autoComplete="off" />
      </label>
      <p>
        With a passkey, <a href={`/auth/sign-in?${new URLSearchParams({ return_to: returnTo })}`}>sign in there</a>.
      </p>
    </>
  );
}
