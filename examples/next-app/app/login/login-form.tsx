"use client";

import { useActionState } from "react";
import { signIn } from "../actions";

export function LoginForm({ returnTo }: { returnTo: string }) {
  const [problem, action, pending] = useActionState(signIn, null);
  return (
    <form action={action}>
      <input type="hidden" name="return_to" value={returnTo} />
      {problem !== null && <p role="alert">{problem}</p>}
      <label>
        E-mail <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit" disabled={pending}>
        Sign in
      </button>
    </form>
  );
}
