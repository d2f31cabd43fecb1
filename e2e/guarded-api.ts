/** An Express API in a process of its own, guarded by the auth server that ISSUER names. */
import express from "express";
import { createGuard } from "@ostiary/guard";
import { authenticate, authorize, requireScope } from "@ostiary/guard/express";

const issuer = process.env["ISSUER"] ?? "";
const guard = createGuard({ issuer, audience: process.env["AUDIENCE"] ?? issuer });

const app = express();
app.get("/open", (_req, res) => res.json({ open: true }));
app.get("/orders", authenticate(guard), requireScope("orders:read"), (req, res) => {
  res.json({ subject: req.auth?.subject, roles: req.auth?.roles, scopes: req.auth?.scopes });
});
app.get("/hello", authenticate(guard), (req, res) => res.json({ subject: req.auth?.subject }));
app.delete("/users/:id", authenticate(guard), authorize("admin", "support"), (_req, res) => res.sendStatus(204));
app.listen(Number(process.env["PORT"]), () => process.stdout.write("Listening.\n"));
