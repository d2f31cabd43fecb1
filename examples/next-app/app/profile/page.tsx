import { connection } from "next/server";
import { issuer } from "../../lib/ostiary";
import { Profile } from "./profile";

export default async function ProfilePage() {
  await connection(); // the issuer is known when the server runs, not when it is built
  return (
    <main>
      <h1>Profile</h1>
      <Profile issuer={issuer} />
    </main>
  );
}
