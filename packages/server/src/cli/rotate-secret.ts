import { dropPreviousSecret, replaceSecret } from "../data-dir.ts";
import { StartError } from "../errors.ts";
import { resealRing } from "../keys/rotate-secret.ts";
import type { Stored } from "./use-store.ts";

const HOW_TO =
  "To change the secret: set OSTIARY_SECRET to the output of `npx ostiary secret` and OSTIARY_PREVIOUS_SECRET to the one " +
  "in use, restart the servers, and run this again.";

/**
 * Brings everything that is encrypted under the secret in force. Where the secret is in the data folder, a new one is
 * made first. Can be cut off anywhere and run again: the secret that is in use is always at hand.
 */
export async function rotateSecret({ ring, settings }: Stored): Promise<{ keys: number }> {
  // What an earlier run may have left to do, while the secret of then is still there.
  const keys = await resealRing(ring);
  if (settings.secret !== undefined) {
    if (keys === null && settings.previousSecret === undefined) throw new StartError(HOW_TO);
    return { keys: keys ?? 0 };
  }
  dropPreviousSecret(settings);
  replaceSecret(settings);
  const resealed = await resealRing(ring);
  dropPreviousSecret(settings);
  return { keys: resealed ?? 0 };
}
