import type { AuthClient } from "@ostiary/client";
import { AuthProvider, DeviceList, LoginForm, RequireRole, SignedIn, SignedOut, SignUpForm, useAuth } from "@ostiary/client/react";
import { StrictMode, useState } from "react";
import type { ReactNode } from "react";

/** Every component there is, as servers render it and browsers take it over. */
export function App({ auth }: { auth: AuthClient }): ReactNode {
  return (
    <StrictMode>
      <AuthProvider client={auth}>
        <Status />
        <SignedOut>
          <Forms />
        </SignedOut>
        <SignedIn>
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

function Forms(): ReactNode {
  const [isNew, setNew] = useState(false);
  return (
    <>
      {isNew ? <SignUpForm /> : <LoginForm offerRemember />}
      <button onClick={() => setNew(!isNew)}>Other form</button>
    </>
  );
}
