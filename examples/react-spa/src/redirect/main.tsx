import "../app.css";
import { AuthProvider } from "@ostiary/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { auth } from "./auth.ts";

// Before anything is shown: who has just come back is signed in by it.
const failure = await auth.handleRedirect().then(
  () => null,
  (error: unknown) => error,
);

createRoot(document.querySelector("#root") ?? document.body).render(
  <StrictMode>
    <AuthProvider client={auth}>
      <App failure={failure} />
    </AuthProvider>
  </StrictMode>,
);
