import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { example } from "../install-example.ts";
import { ownUsersTests } from "../own-users/own-users-tests.ts";

const app = example("own-users-prisma");
/** bcrypt, as an application's own sign-in makes it: "the password of before". */
const HASH_OF_BEFORE = "$2b$04$PLfKVd6Ax3d0EKrJdZ4rpOWU2UvGhcvGdizlzMbXG.DRt4b6oEVja";

ownUsersTests(join(app, "src/main.ts"), (folder) => {
  const db = new DatabaseSync(join(folder, "app.db"));
  db.exec(readFileSync(join(app, "prisma/migrations/1_users/migration.sql"), "utf8"));
  db.prepare("INSERT INTO users (email, password, role) VALUES ('boss@example.com', ?, 'ADMIN')").run(HASH_OF_BEFORE);
  db.close();
});
