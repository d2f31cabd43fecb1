import type { RevocationEntry } from "@ostiary/protocol";
import type { Clock } from "../clock.ts";
import type { SignOnStore } from "./oauth-store.ts";

/** More at once are looked for together. */
const MAX_SINGLE = 200;
/** A code may be redeemed while its session ends: who was noted after the first look is seen by the second. */
const SECOND_LOOK_MS = 10_000;

type Whose = { readonly sessionId: string } | { readonly userId: string };

export interface EndedSignOns {
  /** Whether the entry can be the end of a session: then it is looked at by the next `mark`. */
  add(entry: RevocationEntry): boolean;
  /** Makes the notices of ended sessions due. At first of all: sessions may have ended while no server ran. */
  mark(): Promise<void>;
}

/** What the log has told of and the store was not asked about yet. Nothing is forgotten while the store is down. */
export function endedSignOns(signOns: Pick<SignOnStore, "markEnded">, clock: Clock): EndedSignOns {
  let all = true;
  const toldOf = new Map<string, Whose>();
  const again = new Map<string, { whose: Whose; at: number }>();

  function put(key: string, whose: Whose): void {
    if (all) return;
    toldOf.set(key, whose);
    if (toldOf.size <= MAX_SINGLE) return;
    all = true;
    toldOf.clear();
  }

  async function lookAt(whose: Whose | "all"): Promise<void> {
    await signOns.markEnded(whose, clock());
  }

  return {
    add({ kind, value }) {
      if (kind === "session") put(`session ${value}`, { sessionId: value });
      else if (kind === "subject") put(`subject ${value}`, { userId: value });
      else return false;
      return true;
    },
    async mark() {
      const now = clock();
      for (const [key, { whose, at }] of again) {
        if (at > now) break;
        await lookAt(whose);
        again.delete(key);
      }
      if (all) {
        all = false;
        await lookAt("all").catch((error: unknown) => {
          all = true;
          throw error;
        });
      }
      for (const [key, whose] of toldOf) {
        toldOf.delete(key);
        await lookAt(whose).catch((error: unknown) => {
          put(key, whose);
          throw error;
        });
        if (again.size < MAX_SINGLE) again.set(key, { whose, at: now + SECOND_LOOK_MS });
      }
    },
  };
}
