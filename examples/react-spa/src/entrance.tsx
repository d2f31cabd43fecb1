import { LoginForm, SignUpForm } from "@ostiary/client/react";
import { useState } from "react";
import type { ReactNode } from "react";

export function Entrance(): ReactNode {
  const [isNew, setNew] = useState(false);
  return (
    <section className="card">
      <h1>{isNew ? "Create an account" : "Welcome back"}</h1>
      {isNew ? <SignUpForm /> : <LoginForm offerRemember />}
      <p className="quiet">
        {isNew ? "Have an account already?" : "New here?"}{" "}
        <button className="link" type="button" onClick={() => setNew(!isNew)}>
          {isNew ? "Sign in instead" : "Create an account instead"}
        </button>
      </p>
    </section>
  );
}
