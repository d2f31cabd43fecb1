/** The application's table of users, and what the auth server is given of it. Any SQL database can stand in for SQLite. */
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import type { DirectoryUser, UserDirectory } from "ostiary";

interface UserRow {
  id: number;
  email: string;
  password: string | null;
  name: string | null;
  role: "USER" | "ADMIN";
  disabled: 0 | 1;
  created_at: string;
}

export interface AppUsers {
  readonly directory: UserDirectory;
  /** What the application itself does with its users. False if there is none. */
  change(id: string, changes: { role?: UserRow["role"] | undefined; disabled?: boolean | undefined }): boolean;
  remove(id: string): boolean;
  close(): void;
}

/** bcrypt, as the application's own sign-in has made it: "the password of before". */
const HASH_OF_BEFORE = "$2b$04$PLfKVd6Ax3d0EKrJdZ4rpOWU2UvGhcvGdizlzMbXG.DRt4b6oEVja";

export function openUsers(path: string): AppUsers {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS users (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      email TEXT NOT NULL UNIQUE,
      password TEXT,
      name TEXT,
      role TEXT NOT NULL DEFAULT 'USER',
      disabled INTEGER NOT NULL DEFAULT 0,
      created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    )`);
  db.prepare("INSERT INTO users (email, password, role) VALUES ('boss@example.com', ?, 'ADMIN') ON CONFLICT DO NOTHING").run(
    HASH_OF_BEFORE,
  );

  const one = (sql: string, values: Record<string, SQLInputValue>): DirectoryUser | null => {
    const row = db.prepare(sql).get(values) as UserRow | undefined;
    return row === undefined ? null : toDirectoryUser(row);
  };

  return {
    directory: {
      findByEmail: (email) => one("SELECT * FROM users WHERE email = :email", { email }),
      findById: (id) => one("SELECT * FROM users WHERE id = :id", { id }),
      create: ({ email, name, passwordHash }) =>
        one(
          "INSERT INTO users (email, name, password) VALUES (:email, :name, :passwordHash) ON CONFLICT DO NOTHING RETURNING *",
          { email, name, passwordHash },
        ),
      update(id, { passwordHash, name, roles, disabled }, onlyIf) {
        const role = roles && roleOf(roles);
        const columns: Record<string, SQLInputValue> = {
          ...(passwordHash === undefined ? {} : { password: passwordHash }),
          ...(name === undefined ? {} : { name }),
          ...(role === undefined ? {} : { role }),
          ...(disabled === undefined ? {} : { disabled: Number(disabled) }),
        };
        if (Object.keys(columns).length === 0) return one("SELECT * FROM users WHERE id = :id", { id });
        const set = Object.keys(columns).map((column) => `${column} = :${column}`);
        if (onlyIf === undefined) return one(`UPDATE users SET ${set.join(", ")} WHERE id = :id RETURNING *`, { ...columns, id });
        const before = onlyIf.passwordHash;
        return one(`UPDATE users SET ${set.join(", ")} WHERE id = :id AND password IS :before RETURNING *`, {
          ...columns,
          id,
          before,
        });
      },
    },

    change(id, { role, disabled }) {
      const sql = "UPDATE users SET role = coalesce(:role, role), disabled = coalesce(:disabled, disabled) WHERE id = :id";
      return (
        db.prepare(sql).run({ id, role: role ?? null, disabled: disabled === undefined ? null : Number(disabled) }).changes === 1
      );
    },
    remove: (id) => db.prepare("DELETE FROM users WHERE id = :id").run({ id }).changes === 1,
    close: () => db.close(),
  };
}

const ROLES = { USER: ["user"], ADMIN: ["user", "admin"] } as const;

/** Other roles this table cannot say: it leaves its own as it is, and the server sees that in the row. */
function roleOf(roles: readonly string[]): UserRow["role"] | undefined {
  const isExactly = (role: UserRow["role"]): boolean => ROLES[role].toSorted().join() === roles.toSorted().join();
  return (["USER", "ADMIN"] as const).find(isExactly);
}

function toDirectoryUser({ id, email, password, name, role, disabled, created_at }: UserRow): DirectoryUser {
  return {
    id: String(id),
    email,
    passwordHash: password,
    name,
    roles: ROLES[role],
    disabled: disabled === 1,
    createdAt: created_at,
  };
}
