import { useAuth } from "@ostiary/client/react";
import { useEffect } from "react";
import type { ReactNode } from "react";
import { issuer } from "../api/auth.ts";
import { Loading } from "../parts/states.tsx";
import { Mark } from "../shell/mark.tsx";

const ENDED = {
  signed_out: "You are signed out",
  session_revoked: "Your session was ended",
  refresh_token_reused: "Your session was ended: somebody else had its token",
  expired: "Your session has expired",
} as const;

/**
 * The one place that leads to the door, which is the server's own page. Whoever was here a moment ago is told why they no
 * longer are, and goes by themselves: nobody is to sign in without having asked for it.
 */
export function SignInPage(): ReactNode {
  const { reason } = useAuth();
  const isNew = reason === null || reason === "offline";
  useEffect(() => {
    if (isNew) location.replace(door());
  }, [isNew]);
  if (isNew) return <Loading />;
  return (
    <main className="door">
      <Mark />
      <h1>{ENDED[reason]}</h1>
      <a className="button primary" href={door()}>
        Sign in
      </a>
    </main>
  );
}

function door(): string {
  return `${issuer}/sign-in?${new URLSearchParams({ return_to: location.pathname + location.search }).toString()}`;
}
