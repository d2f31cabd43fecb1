import pg from "pg";

/** A connection to a Postgres of ours, not made yet; that it breaks is told by what was asked. */
export function postgresClient(port: number, database = "postgres"): pg.Client {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: "postgres", database });
  client.on("error", () => {});
  return client;
}
