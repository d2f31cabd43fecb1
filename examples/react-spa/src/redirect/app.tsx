import { SignedIn, SignedOut, useAuth } from "@ostiary/client/react";
import { AuthError } from "@ostiary/client/redirect";
import type { RedirectClient } from "@ostiary/client/redirect";
import { useState } from "react";
import type { ReactNode } from "react";

export function App({ failure }: { failure: unknown }): ReactNode {
  const { status, signIn } = useAuth<RedirectClient>();
  return (
    <main className={status === "signed_in" ? "wide" : "narrow"}>
      {failure instanceof Error && (
        <p className="notice" role="alert">
          {failure instanceof AuthError && failure.code === "access_denied" ? "You did not sign in." : failure.message}
        </p>
      )}
      {status === "restoring" && <p className="quiet">One moment…</p>}
      <SignedOut>
        <section className="card">
          <h1>Welcome</h1>
          <p className="quiet">The password is asked for on the auth server's own page.</p>
          <button type="button" onClick={() => void signIn()}>
            Sign in
          </button>
        </section>
      </SignedOut>
      <SignedIn>
        <Home />
      </SignedIn>
    </main>
  );
}

function Home(): ReactNode {
  const { user, fetch, issuer, signOut } = useAuth<RedirectClient>();
  const [answer, setAnswer] = useState("");
  const leave = (): void => void signOut({ returnTo: location.origin + location.pathname }).catch(() => {});

  async function call(): Promise<void> {
    try {
      const response = await fetch(`${issuer}/oauth/userinfo`);
      setAnswer(`${response.status} ${JSON.stringify(await response.json(), null, 2)}`);
    } catch (error) {
      setAnswer(String(error));
    }
  }

  return (
    <>
      <header>
        <div>
          <h1>Hello, {user?.name ?? user?.email}</h1>
          <p className="quiet">Reload, or open another tab: you stay signed in, by a key that no script can copy.</p>
        </div>
        <button type="button" onClick={leave}>
          Sign out
        </button>
      </header>
      <section className="card">
        <h2>Call an API</h2>
        <button type="button" onClick={() => void call()}>
          Call it
        </button>
        <pre aria-live="polite">{answer}</pre>
      </section>
    </>
  );
}
