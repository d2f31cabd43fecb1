import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config-schema.ts";
import { readSecrets } from "../../data-dir.ts";
import { StartError } from "../../errors.ts";
import { keyPolicyOf } from "../../keys/key-policy.ts";
import { createKeySafe } from "../../keys/key-safe.ts";
import type { KeyRing } from "../../keys/key-store.ts";
import { dueAt, ripeAt } from "../../keys/plan-rotation.ts";
import { rotationPolicyOf } from "../../keys/settle-ring.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

/** What is due is done within a second by any server that runs; so much later, none has. */
const LATE_MS = 60_000;

/** Whether the keys in the database open with the secret that is configured here, and change when they should. */
export function checkKeyRing(settings: Settings, ring: KeyRing | null): Finding[] {
  if (ring === null) return [];
  const id = "keys.secret";
  const held = ring.keys.filter(({ state }) => state !== "gone");
  if (held.length === 0) return [ok(id, "There are no keys yet: the first start makes them.")];
  // Reading it would make one.
  if (settings.secret === undefined && !existsSync(join(settings.dataDir, "secret"))) {
    const message = "There are keys in the database, and no secret here that would open them.";
    return [error(id, message, "set OSTIARY_SECRET, or OSTIARY_DATA_DIR to the folder of the secret they were made with")];
  }
  try {
    const safe = createKeySafe(() => readSecrets(settings), settings.random);
    for (const key of held) safe.open(ring, key);
    const policy = rotationPolicyOf({ safe, policy: keyPolicyOf(settings), random: settings.random }, ring, "access");
    return [
      ok(id, "The keys in the database open with the secret."),
      ...(policy === null ? [] : checkRotation(ring, settings.clock(), policy)),
    ];
  } catch (failure) {
    if (!(failure instanceof StartError)) throw failure;
    const [, message = failure.message, mend = "restore the secret, or the database"] =
      /^(.*?): (.*?)\.?$/.exec(failure.message) ?? [];
    return [error(id, `${message}.`, mend)];
  }
}

function checkRotation(ring: KeyRing, now: number, policy: NonNullable<ReturnType<typeof rotationPolicyOf>>): Finding[] {
  const id = "keys.rotation";
  const own = ring.keys.filter(({ purpose }) => purpose === "access");
  const active = own.find(({ state }) => state === "active");
  const next = own.find(({ state }) => state === "upcoming");
  if (active === undefined) return [error(id, "No key signs access tokens.", "start a server: it makes one")];
  const due = dueAt(active, policy);
  const isLate = due !== null && next !== undefined && Math.max(due, ripeAt(next, own, policy)) < now - LATE_MS;
  if (!isLate) return [ok(id, `The key ${active.id} signs.`)];
  const message = `The key ${active.id} was to be replaced at ${new Date(due).toISOString()}: no server runs, or none can write.`;
  return [warning(id, message, "start a server, and see what it logs")];
}
