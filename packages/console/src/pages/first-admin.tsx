import { useAuth } from "@ostiary/client/react";
import { useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import { Link, useLocation } from "wouter";
import { Refusal } from "../api/call.ts";
import { issuer } from "../api/auth.ts";
import { Mark } from "../shell/mark.tsx";
import "@ostiary/client/react/style.css";

/** Taken from the address at once, so that it is in no history and no screenshot. */
const token = location.hash.slice(1);
if (token !== "") history.replaceState(null, "", location.pathname);

/** Where the link leads that the server prints while there is no administrator. */
export function FirstAdminPage(): ReactNode {
  const { login } = useAuth();
  const [, go] = useLocation();
  const [failure, setFailure] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function send(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget)) as { email: string; password: string };
    setBusy(true);
    setFailure(null);
    try {
      await claim(values);
      await login(values);
      go("/");
    } catch (error) {
      setFailure(error instanceof Refusal ? error : new Refusal(0, {}));
    } finally {
      setBusy(false);
    }
  }

  if (token === "") {
    return (
      <main className="door">
        <Mark />
        <h1>The first administrator</h1>
        <p>
          Open the whole link that the server printed when it started; it is good once. Or make one with{" "}
          <code>ostiary users create --admin</code>.
        </p>
        <Link href="/">To the console</Link>
      </main>
    );
  }
  const isField = (name: string): boolean => failure?.field === name || (name === "email" && failure?.code === "email_taken");
  return (
    <main className="door">
      <Mark />
      <h1>Become the first administrator</h1>
      <p className="quiet">This link is good once, within an hour of the start of the server.</p>
      <form className="ostiary-form" method="post" onSubmit={(event) => void send(event)}>
        <div className="ostiary-field">
          <label htmlFor="email">E-mail</label>
          <input
            id="email"
            name="email"
            type="email"
            autoComplete="username"
            required
            aria-invalid={isField("email")}
            aria-describedby="wrong"
          />
        </div>
        <div className="ostiary-field">
          <label htmlFor="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={8}
            aria-invalid={isField("password")}
            aria-describedby="wrong"
          />
        </div>
        <p id="wrong" className="ostiary-error" role="alert">
          {failure?.message}
        </p>
        <button type="submit" className="primary" disabled={isBusy}>
          Create the administrator
        </button>
      </form>
    </main>
  );
}

async function claim(values: { email: string; password: string }): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${issuer}/admin/first`, { method: "POST", headers, body: JSON.stringify({ token, ...values }) });
  if (!response.ok) throw new Refusal(response.status, (await response.json()) as { error: string });
}
