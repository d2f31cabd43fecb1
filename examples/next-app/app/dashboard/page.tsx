import Link from "next/link";
import { requireUser } from "../../lib/auth";
import { notesOf } from "../../lib/notes";
import { addNote, signOut } from "../actions";

export default async function Dashboard({ searchParams }: PageProps<"/dashboard">) {
  const user = await requireUser();
  const { tab = "notes" } = await searchParams;
  return (
    <main>
      <h1>Dashboard</h1>
      <p>
        You are <span id="user">{user.subject}</span>, at <span id="tab">{tab}</span>.
      </p>
      <ul>
        {notesOf(user.subject).map((note, index) => (
          <li key={index}>{note}</li>
        ))}
      </ul>
      <form action={addNote}>
        <label>
          Note <input name="note" required />
        </label>
        <button type="submit">Add</button>
      </form>
      <nav>
        <Link href="/">Home</Link> · <Link href="/dashboard?tab=other">Other tab</Link> · <Link href="/admin">Admin</Link>
      </nav>
      <form action={signOut}>
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
