import "@ostiary/client/react/style.css";
import "./app.css";
import { AuthProvider } from "@ostiary/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { auth } from "./auth.ts";

createRoot(document.querySelector("#root") ?? document.body).render(
  <StrictMode>
    <AuthProvider client={auth}>
      <App />
    </AuthProvider>
  </StrictMode>,
);
