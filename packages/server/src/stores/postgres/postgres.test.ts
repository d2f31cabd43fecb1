import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { storeConformance } from "../conformance/store-conformance.ts";

storeConformance("Postgres", makePostgresDatabase);
