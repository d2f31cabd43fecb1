/**
 * The token inspector: what a token says, and what a guard would make of it. The keys are fetched when the page opens;
 * from then on it asks nobody anything, and the policy it is served with would not let it.
 */
import { createRoot } from "react-dom/client";
import { Inspector } from "./inspector/inspector.tsx";
import type { KnownKeys } from "./inspector/verify.ts";
import "./style/style.css";

// Who it is stands in the page, for it may be opened by another of its names; and its keys are fetched by that name.
const here = new URL("..", document.baseURI).href.replace(/\/+$/, "");
const issuer = document.querySelector<HTMLMetaElement>('meta[name="issuer"]')?.content ?? here;

async function fetchKeys(): Promise<KnownKeys> {
  const response = await fetch(`${here}/.well-known/jwks.json`, { credentials: "omit" });
  if (!response.ok) throw new Error(`The keys of ${issuer} cannot be had: ${response.status}.`);
  return (await response.json()) as KnownKeys;
}

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Inspector issuer={issuer} keys={fetchKeys()} />);
