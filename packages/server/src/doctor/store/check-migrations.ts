import type { MigrationState } from "../../stores/sql/migrate.ts";
import { error, ok } from "../finding.ts";
import type { Finding } from "../finding.ts";

export function checkMigrations({ pending, unknown }: MigrationState): Finding[] {
  const id = "database.migrations";
  if (unknown.length > 0) {
    const message = `The schema is of a newer version of Ostiary, which added ${unknown.join(", ")}.`;
    return [error(id, message, "run the version that made it, or a later one")];
  }
  if (pending.length > 0) {
    const message = `The schema lacks ${pending.join(", ")}.`;
    return [error(id, message, "start the server once: it brings the schema up to date")];
  }
  return [ok(id, "The schema is the one this version needs.")];
}
