import { DatabaseSync } from "node:sqlite";

/** The SQL that makes the same database again. */
export function dumpSqlite(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const made = database
      .prepare("select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by rowid")
      .all();
    const tables = made.filter(({ type }) => type === "table").map(({ name }) => String(name));
    if (database.prepare("select 1 from sqlite_master where name = 'sqlite_sequence'").get() !== undefined) {
      tables.push("sqlite_sequence");
    }
    return [...made.map(({ sql }) => String(sql)), ...tables.flatMap((table) => rowsOf(database, table))]
      .map((statement) => `${statement};\n`)
      .join("");
  } finally {
    database.close();
  }
}

function rowsOf(database: DatabaseSync, table: string): string[] {
  const columns = database.prepare(`select name from pragma_table_info('${table}')`).all().map(({ name }) => `"${String(name)}"`);
  const values = columns.map((column) => `quote(${column})`).join(" || ', ' || ");
  const rows = database.prepare(`select ${values} as row from "${table}" order by rowid`).all();
  return rows.map(({ row }) => `insert into "${table}" (${columns.join(", ")}) values (${String(row)})`);
}
