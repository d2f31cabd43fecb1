import { join } from "node:path";
import { ownUsersTests } from "../../../e2e/own-users/own-users-tests.ts";

ownUsersTests(join(import.meta.dirname, "../src/main.ts"));
