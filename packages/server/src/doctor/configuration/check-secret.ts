import { statSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config-schema.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

const OTHERS = 0o077;
const ID = "configuration.secret";

/** Where OSTIARY_SECRET comes from. Whether the keys open with it is the store's question. */
export function checkSecret({ secret, previousSecret, dataDir, databaseUrl }: Settings): Finding[] {
  if (secret === undefined) return [checkKept(join(dataDir, "secret"), databaseUrl)];
  const found = ok(ID, "OSTIARY_SECRET is set, and long enough.");
  if (previousSecret === undefined) return [found];
  const message = "OSTIARY_PREVIOUS_SECRET is set: what it encrypted can be read with it still.";
  return [found, warning("configuration.previous_secret", message, "run `npx ostiary secret rotate`, then remove it")];
}

/** A secret that the server made for itself. */
function checkKept(path: string, databaseUrl: string): Finding {
  if (!databaseUrl.startsWith("sqlite:")) {
    const message =
      "OSTIARY_SECRET is not set: each machine makes its own, and only the first can open the keys in the database.";
    return error(ID, message, "set OSTIARY_SECRET to the output of `npx ostiary secret`, the same for all servers");
  }
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return ok(ID, `A secret will be made at the first start, and kept in ${path}.`);
  if ((mode & OTHERS) !== 0) {
    return warning(ID, `Others may read the secret ${path} (mode ${(mode & 0o777).toString(8)}).`, "chmod 600 it");
  }
  return ok(ID, `The secret is in ${path}, which belongs to its owner alone.`);
}
