import type { PostgresFacts } from "../../stores/postgres/read-facts.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

const ID = "postgres.standbys";

/** Whether a failover keeps what was acknowledged: a standby that may be promoted has to be waited for. */
export function checkPostgresStandbys({ synchronousStandbyNames, standbys, seesStandbys }: PostgresFacts): Finding[] {
  const names = synchronousStandbyNames.trim();
  if (!seesStandbys) {
    const message = "It is not known which standbys are connected: this role may not see them.";
    return [warning(ID, message, "grant pg_read_all_stats to it, or look at pg_stat_replication yourself")];
  }
  const waitedFor = standbys.filter(({ syncState }) => syncState === "sync" || syncState === "quorum");
  if (names === "") {
    if (standbys.length === 0) return [ok(ID, "There is no standby, so none that could be behind.")];
    const message =
      `Nothing waits for ${standbys.map(({ name }) => name).join(", ")}: a failover costs sign-outs and logins that were ` +
      "answered.";
    return [warning(ID, message, "set synchronous_standby_names, such as 'ANY 1 (*)'")];
  }
  const needed = neededOf(names);
  if (waitedFor.length < needed) {
    const message =
      `Commits wait for ${needed} standby${needed === 1 ? "" : "s"} of ${names}, and ${waitedFor.length} are there: ` +
      "logins and sign-outs are answered 503.";
    return [error(ID, message, "bring the standbys back, or take them out of synchronous_standby_names")];
  }
  return [ok(ID, `Sign-outs and logins are on ${waitedFor.map(({ name }) => name).join(", ")} before they are answered.`)];
}

/** Of `FIRST 2 (a, b, c)`, `ANY 1 (*)`, `2 (a, b)` or `a, b`. */
function neededOf(names: string): number {
  return Number(/^(?:first\s+|any\s+)?(\d+)\s*\(/i.exec(names)?.[1] ?? 1);
}
