import { LoginForm } from "@ostiary/client/react";
import type { ReactNode } from "react";
import { Mark } from "../shell/mark.tsx";
import "@ostiary/client/react/style.css";

/** The one place where the console lets people in. */
export function SignInPage(): ReactNode {
  return (
    <main className="door">
      <Mark />
      <h1>Sign in to the console</h1>
      <LoginForm />
    </main>
  );
}
