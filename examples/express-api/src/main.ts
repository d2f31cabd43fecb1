/** An Express API with its auth server inside: one process, one SQLite file. */
import express from "express";
import { authenticate, authorize, requireRecent } from "@ostiary/guard/express";
import { createOstiary } from "ostiary";
import { toExpress } from "ostiary/express";

const port = Number(process.env["PORT"] ?? 3000);
const ostiary = await createOstiary({
  issuer: `http://localhost:${port}/auth`,
  scopes: { user: ["notes:read"], admin: ["notes:read", "notes:write"] },
});

const app = express();
app.use(express.json());
app.use(ostiary.wellKnown);
app.use("/auth", toExpress(ostiary));

app.get("/", (_req, res) => {
  res.json({ message: "Anyone may read this." });
});

app.get("/notes", authenticate(ostiary.guard), (req, res) => {
  res.json({ message: "Signed in.", subject: req.auth?.subject, scopes: req.auth?.scopes });
});

app.delete("/notes/:id", authenticate(ostiary.guard), authorize("admin"), (req, res) => {
  res.json({ message: "Deleted by an admin.", id: req.params.id });
});

// Whoever finds a computer that somebody left signed in: not this.
app.delete("/notes", authenticate(ostiary.guard), requireRecent({ maxAgeSeconds: 300 }), (_req, res) => {
  res.json({ message: "All gone." });
});

const server = app.listen(port, () => console.log(`Listening on http://localhost:${port}`));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (!server.listening) return; // npm passes on the Ctrl-C that the terminal has sent us already.
    ostiary.feed.end();
    server.close(() => void ostiary.close());
    // Connections are kept alive after their last answer, and browsers hold some in reserve: neither keeps us here.
    setInterval(() => server.closeIdleConnections(), 50).unref();
    setTimeout(() => server.closeAllConnections(), 5000).unref();
  });
}
