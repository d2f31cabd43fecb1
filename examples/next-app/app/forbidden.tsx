import Link from "next/link";

export default function Forbidden() {
  return (
    <main>
      <h1>Not for you</h1>
      <p>
        You lack the role for this page. <Link href="/">Home</Link>
      </p>
    </main>
  );
}
