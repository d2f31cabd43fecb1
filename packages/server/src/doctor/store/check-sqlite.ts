import type { SqliteFacts } from "../../stores/sqlite/read-facts.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";

const OTHERS = 0o077;

export function checkSqlite({ journalMode, synchronous, mode }: SqliteFacts): Finding[] {
  return [
    journalMode === "wal"
      ? ok("sqlite.journal", "The file is in WAL mode: readers and the writer are in nobody's way.")
      : error(
          "sqlite.journal",
          `The file is in ${journalMode} mode.`,
          "start the server once; if it stays so, the file system does not support WAL: use a local disk",
        ),
    synchronous === "full"
      ? ok("sqlite.synchronous", "What is answered survives a power loss (synchronous=FULL).")
      : error(
          "sqlite.synchronous",
          `Commits are made with synchronous=${synchronous}: a power loss costs the last ones.`,
          "report this: Ostiary sets FULL",
        ),
    (mode & OTHERS) === 0
      ? ok("sqlite.permissions", "The file belongs to its owner alone.")
      : warning(
          "sqlite.permissions",
          `Others may open the file (mode ${mode.toString(8)}): it holds password hashes.`,
          "chmod 600 it",
        ),
  ];
}
