/**
 * How long a server takes at the most from SIGTERM to its end: 3 seconds for connections that were under way, 10 for requests
 * (packages/server/src/http/listen.ts), and the database's to let go.
 */
export const STOP_SECONDS = 15;
