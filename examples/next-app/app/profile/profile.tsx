"use client";

import { createAuthClient } from "@ostiary/client";
import { AuthProvider, SignedIn, SignedOut, useAuth } from "@ostiary/client/react";
import { useState } from "react";

export function Profile({ issuer }: { issuer: string }) {
  const [auth] = useState(() => createAuthClient({ issuer }));
  return (
    <AuthProvider client={auth}>
      <SignedIn>
        <Greeting />
      </SignedIn>
      <SignedOut>
        <p>
          <a href={`${issuer}/sign-in?return_to=/profile`}>Sign in</a>
        </p>
      </SignedOut>
    </AuthProvider>
  );
}

function Greeting() {
  const { user } = useAuth();
  return <p>Hello, {user?.email}, from a component of the browser.</p>;
}
