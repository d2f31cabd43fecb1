import type { AuthReason } from "@ostiary/client";
import { SignedIn, SignedOut, useAuth } from "@ostiary/client/react";
import type { ReactNode } from "react";
import { Account } from "./account.tsx";
import { Entrance } from "./entrance.tsx";

const NOTICES: Record<AuthReason, string | null> = {
  signed_out: null,
  expired: "Your session has ended. Please sign in again.",
  session_revoked: "This device was signed out from elsewhere.",
  refresh_token_reused: "Somebody else used your session, so it was ended. Sign in again, and consider a new password.",
  offline: "No connection to the server. You stay signed in.",
};

export function App(): ReactNode {
  const { status, reason } = useAuth();
  const notice = reason === null ? null : NOTICES[reason];
  return (
    <main className={status === "signed_in" ? "wide" : "narrow"}>
      {notice !== null && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      {status === "restoring" && <p className="quiet">One moment…</p>}
      <SignedOut>
        <Entrance />
      </SignedOut>
      <SignedIn>
        <Account />
      </SignedIn>
    </main>
  );
}
