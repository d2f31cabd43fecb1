import type pg from "pg";

/** What `psql -c` would print for a `COPY … TO STDOUT`, which pg alone does not read. */
export async function copyOut(client: pg.Client, copy: string): Promise<string> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    let failure: Error | undefined;
    // The server's messages, as they come (PostgreSQL documentation, "COPY Operations").
    const query = {
      submit: (connection: pg.Connection) => connection.query(copy),
      handleCopyData: ({ chunk }: { chunk: Buffer }) => void chunks.push(chunk),
      handleCommandComplete() {},
      handleError: (error: Error) => void (failure = error),
      handleReadyForQuery: () => (failure === undefined ? resolve() : reject(failure)),
    };
    client.query(query);
  });
  return Buffer.concat(chunks).toString();
}
