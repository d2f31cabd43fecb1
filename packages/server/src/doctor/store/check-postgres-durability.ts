import type { PostgresFacts } from "../../stores/postgres/read-facts.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

export function checkPostgresDurability({ fsync, fullPageWrites, synchronousCommit, writable }: PostgresFacts): Finding[] {
  return [
    writable
      ? ok("postgres.writable", "It takes writes.")
      : error("postgres.writable", "It is read-only: a standby, or set so.", "let OSTIARY_DATABASE_URL lead to the primary"),
    fsync
      ? ok("postgres.fsync", "What is committed reaches the disk (fsync=on).")
      : error("postgres.fsync", "With fsync=off a crash of the machine can cost everything.", "set fsync = on"),
    fullPageWrites
      ? ok("postgres.full_page_writes", "A page that was half written is repaired (full_page_writes=on).")
      : error(
          "postgres.full_page_writes",
          "With full_page_writes=off a crash can leave pages half written.",
          "set full_page_writes = on",
        ),
    ...checkCommit(synchronousCommit),
  ];
}

function checkCommit(setting: string): Finding[] {
  const id = "postgres.synchronous_commit";
  const mend = "set synchronous_commit = on, for the role or the database; rotations do without standbys by themselves";
  switch (setting) {
    case "off":
      return [error(id, "With synchronous_commit=off a crash costs sign-outs and logins that were answered.", mend)];
    case "local":
      return [
        warning(
          id,
          "With synchronous_commit=local no standby is waited for: a failover costs sign-outs and logins that were answered.",
          mend,
        ),
      ];
    case "remote_write":
      return [
        warning(
          id,
          "With synchronous_commit=remote_write a standby whose machine crashes as well loses what it had not flushed.",
          mend,
        ),
      ];
    default:
      return [ok(id, `Sign-outs and logins are on disk before they are answered (synchronous_commit=${setting}).`)];
  }
}
