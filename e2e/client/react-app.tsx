import { AuthError } from "@ostiary/client";
import type { AuthClient } from "@ostiary/client";
import { addPasskey } from "@ostiary/client/passkeys";
import {
  AuthProvider,
  DeviceList,
  LoginForm,
  RequireRole,
  SignedIn,
  SignedOut,
  SignUpForm,
  useAuth,
} from "@ostiary/client/react";
import { StrictMode, useState } from "react";
import type { ReactNode } from "react";

/** Every component there is, as servers render it and browsers take it over; with passkeys where a test wants them. */
export function App({ auth, hasPasskeys = false }: { auth: AuthClient; hasPasskeys?: boolean }): ReactNode {
  return (
    <StrictMode>
      <AuthProvider client={auth}>
        <Status />
        <SignedOut>
          <Forms hasPasskeys={hasPasskeys} />
        </SignedOut>
        <SignedIn>
          {hasPasskeys && <PasskeyAdder auth={auth} />}
          <RequireRole role="admin" fallback={<p>For admins only.</p>}>
            <p>Hello, admin.</p>
          </RequireRole>
        </SignedIn>
        <DeviceList locale="en-GB" />
      </AuthProvider>
    </StrictMode>
  );
}

function Status(): ReactNode {
  const { status, user, reason, logout } = useAuth();
  return (
    <p data-testid="status">
      {status} {user?.email} {reason} <button onClick={() => void logout()}>Leave</button>
    </p>
  );
}

function PasskeyAdder({ auth }: { auth: AuthClient }): ReactNode {
  const [outcome, setOutcome] = useState("");
  const add = (): void => {
    const failed = (error: unknown): void => setOutcome(error instanceof AuthError ? error.code : String(error));
    addPasskey(auth).then(({ recoveryCodes }) => setOutcome(`Added, with ${recoveryCodes?.length ?? 0} codes.`), failed);
  };
  return (
    <p>
      <button onClick={add}>Add a passkey</button> {outcome}
    </p>
  );
}

function Forms({ hasPasskeys }: { hasPasskeys: boolean }): ReactNode {
  const [isNew, setNew] = useState(false);
  return (
    <>
      {isNew ? <SignUpForm /> : <LoginForm offerRemember offerPasskey={hasPasskeys} />}
      <button onClick={() => setNew(!isNew)}>Other form</button>
    </>
  );
}
