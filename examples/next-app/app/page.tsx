import Link from "next/link";
import { currentUser } from "../lib/auth";

export default async function Home() {
  const user = await currentUser();
  return (
    <main>
      <h1>Home</h1>
      <p>{user === null ? "You are not signed in." : `You are ${user.subject}.`}</p>
      <nav>
        <Link href="/dashboard">Dashboard</Link> · <Link href="/admin">Admin</Link> · <Link href="/profile">Profile</Link> ·{" "}
        <Link href="/login">Sign in by a form of this app</Link>
      </nav>
    </main>
  );
}
