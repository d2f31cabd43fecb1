/** A process that takes the write lock of an SQLite file and keeps it until it is killed: node hold-lock.ts <path>. */
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(process.argv[2] ?? "", { timeout: 10_000 });
database.exec("begin immediate");
process.stdout.write("Locked.\n");
process.stdin.resume();
process.stdin.on("end", () => database.close());
