import { createAuthClient } from "@ostiary/client";
import { hydrateRoot } from "react-dom/client";
import { App } from "./react-app.tsx";

const query = new URLSearchParams(location.search);
const auth = createAuthClient({ issuer: query.get("issuer") ?? `${location.origin}/auth` });
hydrateRoot(document.querySelector("#root")!, <App auth={auth} hasPasskeys={query.has("passkeys")} />, {
  // oxlint-disable-next-line no-console -- what the test looks at
  onRecoverableError: (error) => console.error("not hydrated as rendered:", error),
});
