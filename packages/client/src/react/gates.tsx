import type { ReactNode } from "react";
import { useAuth } from "./auth-context.tsx";

export interface GateProps {
  readonly children?: ReactNode;
}

/** Shows its content while somebody is signed in. */
export function SignedIn({ children }: GateProps): ReactNode {
  return useAuth().status === "signed_in" ? children : null;
}

/** Shows its content while it is certain that nobody is signed in: not yet while a session may be restored. */
export function SignedOut({ children }: GateProps): ReactNode {
  return useAuth().status === "signed_out" ? children : null;
}

export interface RequireRoleProps extends GateProps {
  /** One of these is enough. */
  readonly role: string | readonly string[];
  /** Shown to everybody else who is signed in. */
  readonly fallback?: ReactNode;
}

/** Shows its content to users with a role. It hides, it does not protect: that is what the API's guard does. */
export function RequireRole({ role, fallback = null, children }: RequireRoleProps): ReactNode {
  const { status, user } = useAuth();
  if (status !== "signed_in") return null;
  const wanted = typeof role === "string" ? [role] : role;
  return wanted.some((one) => user.roles.includes(one)) ? children : fallback;
}
