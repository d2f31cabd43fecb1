import { DeviceList, RequireRole, useAuth } from "@ostiary/client/react";
import type { ReactNode } from "react";
import { ApiCall } from "./api-call.tsx";

export function Account(): ReactNode {
  const { user, logout, logoutAll } = useAuth();
  return (
    <>
      <header>
        <div>
          <h1>Hello, {user?.name ?? user?.email}</h1>
          <p className="quiet">
            {user?.email} · {user?.roles.join(", ")}
          </p>
        </div>
        <button type="button" onClick={() => void logout().catch(() => {})}>
          Sign out
        </button>
      </header>
      <ApiCall />
      <RequireRole role="admin">
        <section className="card">
          <h2>For admins</h2>
          <p>Only admins see this.</p>
        </section>
      </RequireRole>
      <section className="card">
        <h2>Your devices</h2>
        <DeviceList />
        <button className="link" type="button" onClick={() => void logoutAll().catch(() => {})}>
          Sign out everywhere
        </button>
      </section>
    </>
  );
}
