/** A process of its own that refreshes one session as fast as it can: node contender.ts <place> <session> <rotations>. */
import { openStore } from "../open-store.ts";
import type { StorePlace } from "../open-store.ts";
import { presenting } from "./fixtures.ts";

const [place = "", sessionId = "", rotations = "0"] = process.argv.slice(2);
const store = await openStore(JSON.parse(place) as StorePlace);
let rotated = 0;
let refused = 0;
for (let i = 0; i < Number(rotations); i++) {
  const session = await store.sessions.find(sessionId);
  if (session === null) throw new Error("The session is gone.");
  // The row's own clock: everything happens within the grace.
  const result = await store.sessions.rotate(sessionId, presenting(session.generation, session.createdAt + 1000));
  if (result?.outcome.outcome === "rotate") rotated++;
  else if (result?.outcome.outcome !== "repeat") refused++;
}
await store.close();
process.stdout.write(JSON.stringify({ rotated, refused }));
