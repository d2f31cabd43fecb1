import { requireRole } from "../../lib/auth";

export default async function Admin() {
  const admin = await requireRole("admin");
  return (
    <main>
      <h1>Admin</h1>
      <p>Welcome, {admin.subject}.</p>
    </main>
  );
}
