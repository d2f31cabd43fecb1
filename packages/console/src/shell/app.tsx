import { useAuth } from "@ostiary/client/react";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { Link, Redirect, Route, Switch, useLocation, useRoute } from "wouter";
import { issuer } from "../api/auth.ts";
import { queries } from "../api/queries.ts";
import { AuditPage } from "../pages/audit.tsx";
import { ClientPage } from "../pages/client.tsx";
import { ClientsPage } from "../pages/clients.tsx";
import { FirstAdminPage } from "../pages/first-admin.tsx";
import { KeysPage } from "../pages/keys.tsx";
import { OverviewPage } from "../pages/overview.tsx";
import { SessionPage } from "../pages/session.tsx";
import { SettingsPage } from "../pages/settings.tsx";
import { SignInPage } from "../pages/sign-in.tsx";
import { UserPage } from "../pages/user.tsx";
import { UsersPage } from "../pages/users.tsx";
import { Loading } from "../parts/states.tsx";
import { Mark } from "./mark.tsx";

const PAGES = [
  ["/", "Overview"],
  ["/users", "Users"],
  ["/audit", "Audit"],
  ["/keys", "Keys"],
  ["/clients", "Clients"],
  ["/settings", "Settings"],
] as const;

/** Who may see what: nobody without the role anything but the door. */
export function App(): ReactNode {
  const { status, user, logout } = useAuth();
  const [isFirst] = useRoute("/first");
  const isSignedOut = status === "signed_out";
  useEffect(() => {
    // The next one at this screen is somebody else.
    if (isSignedOut) queries.clear();
  }, [isSignedOut]);

  if (isFirst) return <FirstAdminPage />;
  if (status === "restoring") return <Loading />;
  if (status !== "signed_in") return <SignInPage />;
  if (!user.roles.includes("admin")) return <NotForYou email={user.email} leave={() => void logout()} />;
  return <Console email={user.email} leave={() => void logout().catch(() => {})} />;
}

function Console({ email, leave }: { email: string; leave: () => void }): ReactNode {
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const first = useRef(true);
  useEffect(() => {
    // Whoever listens to the page is told that it is another one.
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [path]);

  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          // Of itself it leads to the base of the page, and another view.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <Mark /> Ostiary
        </Link>
        <nav aria-label="Console">
          {PAGES.map(([to, name]) => (
            <NavLink key={to} to={to} name={name} />
          ))}
        </nav>
        <div className="who">
          <a href={`${issuer}/account`} className="quiet clip" title={`Your account: ${email}`}>
            {email}
          </a>
          <button type="button" className="small" onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/users" component={UsersPage} />
          <Route path="/users/:id">{({ id }) => <UserPage key={id} id={id} />}</Route>
          <Route path="/sessions/:id">{({ id }) => <SessionPage key={id} id={id} />}</Route>
          <Route path="/audit" component={AuditPage} />
          <Route path="/keys" component={KeysPage} />
          <Route path="/clients" component={ClientsPage} />
          <Route path="/clients/:id">{({ id }) => <ClientPage key={id} id={id} />}</Route>
          <Route path="/settings" component={SettingsPage} />
          <Route>
            <Redirect to="/" />
          </Route>
        </Switch>
      </main>
      <footer className="quiet">
        <a href={`${issuer}/inspect`}>Token inspector</a> <a href={`${issuer}/docs`}>API reference</a>
      </footer>
    </div>
  );
}

function NavLink({ to, name }: { to: string; name: string }): ReactNode {
  const [path] = useLocation();
  const isHere = to === "/" ? path === "/" : path.startsWith(to) || (to === "/users" && path.startsWith("/sessions"));
  return (
    <Link href={to} aria-current={isHere ? "page" : undefined}>
      {name}
    </Link>
  );
}

function NotForYou({ email, leave }: { email: string; leave: () => void }): ReactNode {
  const [isLeaving, setLeaving] = useState(false);
  return (
    <main className="door">
      <Mark />
      <h1>For administrators</h1>
      <p>
        You are signed in as {email}, who has not the role <code>admin</code>. Another administrator can give it to you, or{" "}
        <code>ostiary users set-role</code>.
      </p>
      <a href={`${issuer}/account`}>Your account</a>
      <button
        type="button"
        disabled={isLeaving}
        onClick={() => {
          setLeaving(true);
          leave();
        }}
      >
        Sign out
      </button>
    </main>
  );
}
