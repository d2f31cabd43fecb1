/**
 * The console: what administrators see and do, in a browser. Everything goes through the public API, with the public
 * client; nothing is known here that a program with the role could not know.
 * api/ asks the server, pages/ are its pages, parts/ what they are made of, shell/ what stands around them.
 */
import { AuthProvider } from "@ostiary/client/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { auth, base } from "./api/auth.ts";
import { queries } from "./api/queries.ts";
import { App } from "./shell/app.tsx";
import { Confirmations } from "./parts/confirm.tsx";
import { Notices } from "./parts/notices.tsx";
import "./style/style.css";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <AuthProvider client={auth}>
      <QueryClientProvider client={queries}>
        <Router base={base}>
          <Notices>
            <Confirmations>
              <App />
            </Confirmations>
          </Notices>
        </Router>
      </QueryClientProvider>
    </AuthProvider>,
  );
}
