/** An application with a table of users of its own, by Prisma, and its auth server inside. */
import express from "express";
import { authenticate, authorize } from "@ostiary/guard/express";
import { createOstiary } from "ostiary";
import { toExpress } from "ostiary/express";
import { directory, prisma } from "./users.ts";

const port = Number(process.env["PORT"] ?? 3000);
const ostiary = await createOstiary({ issuer: `http://localhost:${port}/auth`, users: directory });

const app = express();
app.use(express.json());
app.use("/auth", toExpress(ostiary));

app.get("/notes", authenticate(ostiary.guard), (req, res) => {
  res.json({ subject: req.auth?.subject, roles: req.auth?.roles });
});

// The application changes its own table as it always has, and says so: it takes effect at once, and not at the next refresh.
const staff = [authenticate(ostiary.guard), authorize("admin")];

app.patch("/users/:id", ...staff, async (req, res) => {
  const id = String(req.params["id"]);
  const { role, disabled } = req.body as { role?: "USER" | "ADMIN"; disabled?: boolean };
  const { count } = await prisma.user.updateMany({
    where: { id: Number(id) },
    data: { ...(role !== undefined && { role }), ...(disabled !== undefined && { disabled }) },
  });
  await ostiary.users.sync(id);
  res.status(count === 1 ? 204 : 404).end();
});

app.delete("/users/:id", ...staff, async (req, res) => {
  const id = String(req.params["id"]);
  const { count } = await prisma.user.deleteMany({ where: { id: Number(id) } });
  await ostiary.users.sync(id);
  res.status(count === 1 ? 204 : 404).end();
});

const server = app.listen(port, () => console.log(`Listening on http://localhost:${port}`));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (!server.listening) return;
    ostiary.feed.end();
    server.close(() => void ostiary.close().then(() => prisma.$disconnect()));
    setInterval(() => server.closeIdleConnections(), 50).unref();
  });
}
