import { useAuth } from "@ostiary/client/react";
import { useState } from "react";
import type { ReactNode } from "react";

/** A request with the access token, as to any API that a guard protects: here to the auth server's own. */
export function ApiCall(): ReactNode {
  const { fetch, issuer } = useAuth();
  const [answer, setAnswer] = useState("");

  async function call(): Promise<void> {
    try {
      const response = await fetch(`${issuer}/me`);
      setAnswer(`${response.status} ${JSON.stringify(await response.json(), null, 2)}`);
    } catch (error) {
      setAnswer(String(error));
    }
  }

  return (
    <section className="card">
      <h2>Call an API</h2>
      <p className="quiet">
        <code>auth.fetch("{issuer}/me")</code> adds the access token, and renews it when it is time.
      </p>
      <button type="button" onClick={() => void call()}>
        Call it
      </button>
      <pre aria-live="polite">{answer}</pre>
    </section>
  );
}
