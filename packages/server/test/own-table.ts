/** An application's own table of users, as a guide would have it, and the directory that the application makes of it. */
import { DatabaseSync } from "node:sqlite";
import bcrypt from "bcrypt";
import { onTestFinished } from "vitest";
import type { DirectoryUser, UserDirectory } from "../src/users/directory/user-directory.ts";

/** What is done to the table behind the server's back, and what goes wrong with it. */
export interface OwnTable {
  readonly directory: UserDirectory;
  /** The same whatever is broken; and not counted. */
  readonly sound: UserDirectory;
  /** Takes the place of methods of the directory, as long as it is there. */
  readonly broken: Partial<UserDirectory>;
  /** How often each method was called. */
  readonly calls: Record<keyof UserDirectory, number>;
  run(sql: string, ...values: (string | number | null)[]): void;
  /** A person with a hash that the application has made. Gives the id. */
  add(email: string, password: string | null, more?: { roles?: string; name?: string }): string;
  hashOf(email: string): string | null;
}

interface Row {
  id: number;
  email: string;
  name: string | null;
  password: string | null;
  roles: string;
  disabled: number;
}

/** As cheap as bcrypt gets. */
export const hashOfPassword = (password: string): string => bcrypt.hashSync(password, 4);

export function createOwnTable(): OwnTable {
  const db = new DatabaseSync(":memory:");
  onTestFinished(() => db.close());
  db.exec(`CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT, password TEXT,
    roles TEXT NOT NULL DEFAULT 'user', disabled INTEGER NOT NULL DEFAULT 0)`);
  const one = (sql: string, ...values: (string | number | null)[]): Row | undefined =>
    db.prepare(sql).get(...values) as Row | undefined;
  const found = (row: Row | undefined): DirectoryUser | null =>
    row === undefined
      ? null
      : {
          id: String(row.id),
          email: row.email,
          name: row.name,
          passwordHash: row.password,
          roles: row.roles.split(" "),
          disabled: row.disabled === 1,
        };
  const sound: UserDirectory = {
    findByEmail: (email) => found(one("SELECT * FROM users WHERE email = ?", email)),
    findById: (id) => found(one("SELECT * FROM users WHERE id = ?", id)),
    create: ({ email, name, passwordHash }) =>
      found(one("INSERT INTO users (email, name, password) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING *", email, name, passwordHash)),
    update(id, { passwordHash, name, roles, disabled }, onlyIf) {
      const row = one("SELECT * FROM users WHERE id = ?", id);
      if (row === undefined || (onlyIf !== undefined && row.password !== onlyIf.passwordHash)) return null;
      const sql = "UPDATE users SET password = ?, name = ?, roles = ?, disabled = ? WHERE id = ? RETURNING *";
      const isDisabled = disabled === undefined ? row.disabled : Number(disabled);
      return found(
        one(
          sql,
          passwordHash ?? row.password,
          name === undefined ? row.name : name,
          roles?.join(" ") ?? row.roles,
          isDisabled,
          id,
        ),
      );
    },
  };
  const broken: Partial<UserDirectory> = {};
  const calls = { findByEmail: 0, findById: 0, create: 0, update: 0 };
  const called = <Name extends keyof UserDirectory>(name: Name): UserDirectory[Name] => {
    calls[name]++;
    return broken[name] ?? sound[name];
  };
  return {
    directory: {
      findByEmail: (email) => called("findByEmail")(email),
      findById: (id) => called("findById")(id),
      create: (user) => called("create")(user),
      update: (...change) => called("update")(...change),
    },
    sound,
    broken,
    calls,
    run: (sql, ...values) => void db.prepare(sql).run(...values),
    add(email, password, { roles = "user", name } = {}) {
      const hash = password === null ? null : hashOfPassword(password);
      const row = one(
        "INSERT INTO users (email, name, password, roles) VALUES (?, ?, ?, ?) RETURNING *",
        email,
        name ?? null,
        hash,
        roles,
      );
      return String(row?.id);
    },
    hashOf: (email) => one("SELECT * FROM users WHERE email = ?", email)?.password ?? null,
  };
}
