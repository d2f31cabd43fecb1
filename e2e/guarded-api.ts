/**
 * An Express API in a process of its own, guarded by the auth server that ISSUER names. With CLIENT_ID and CLIENT_SECRET
 * it follows the revocation feed; with ISSUER_AT it reaches the issuer there, as through a proxy.
 */
import express from "express";
import { createGuard } from "@ostiary/guard";
import type { GuardOptions } from "@ostiary/guard";
import { authenticate, authorize, requireScope } from "@ostiary/guard/express";

const { ISSUER: issuer = "", ISSUER_AT: address = issuer, AUDIENCE: audience = issuer, PORT } = process.env;
const guard = createGuard({
  issuer,
  audience,
  fetch: (url, init) => fetch(url.replace(issuer, address), init),
  ...revocation(),
});

const app = express();
app.get("/open", (_req, res) => res.json({ open: true }));
app.get("/orders", authenticate(guard), requireScope("orders:read"), (req, res) => {
  res.json({ subject: req.auth?.subject, roles: req.auth?.roles, scopes: req.auth?.scopes });
});
app.get("/hello", authenticate(guard), (req, res) => res.json({ subject: req.auth?.subject }));
app.delete("/users/:id", authenticate(guard), authorize("admin", "support"), (_req, res) => res.sendStatus(204));
app.get("/guard", (_req, res) => res.json(guard.status()));
app.listen(Number(PORT), () => process.stdout.write("Listening.\n"));

function revocation(): Pick<GuardOptions, "revocation"> {
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, MAX_STALENESS: maxStalenessSeconds = "5" } = process.env;
  if (clientId === undefined || clientSecret === undefined) return {};
  return { revocation: { clientId, clientSecret, maxStalenessSeconds: Number(maxStalenessSeconds) } };
}
