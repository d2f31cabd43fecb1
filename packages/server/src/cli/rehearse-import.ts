import { hash } from "node:crypto";
import { emailIdentity } from "../users/email.ts";
import type { ImportedUser, ImportOutcome } from "../users/import-users.ts";

/**
 * For a dry run, where no batch finds in the database what the batches before it would have made: what would become of a
 * row that is said to be created. It keeps numbers, not names: less than 100 bytes a row.
 */
export function createRehearsal(): (row: ImportedUser, outcome: ImportOutcome) => ImportOutcome {
  const identities = new Set<number>();
  const ownerOfId = new Map<number, number>();
  return ({ id, email }, outcome) => {
    if (outcome.outcome !== "created") return outcome;
    const identity = keyOf(emailIdentity(email));
    if (id !== undefined) {
      const owner = ownerOfId.get(keyOf(id)) ?? identity;
      if (owner !== identity) return { outcome: "refused", why: "id is another user's" };
    }
    if (identities.has(identity)) return { outcome: "exists" };
    identities.add(identity);
    if (id !== undefined) ownerOfId.set(keyOf(id), identity);
    return outcome;
  };
}

/** 53 bits, the most a number holds: among a million rows two are taken for one in a run of twenty thousand. */
function keyOf(text: string): number {
  return Number(hash("sha256", text, "buffer").readBigUInt64BE() >> 11n);
}
