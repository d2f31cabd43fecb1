/** Our server under test, a process of its own: what `ostiary start` serves, with users and a client. */
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { createOstiary } from "ostiary";
import { toNodeHandler } from "../../../packages/server/src/http/node-handler.ts";
import { API, emailOf, PASSWORD, PEOPLE, REDIRECT_URI } from "./messages.ts";
import type { Credentials, ServerOptions } from "./messages.ts";

const { port, issuer, credentialsFile, databaseUrl } = JSON.parse(process.argv[2] ?? "") as ServerOptions;
const ostiary = await createOstiary({
  issuer,
  databaseUrl,
  secret: "a secret of the benchmarks: 0123456789 abcdef",
  audience: [API],
  // One machine asks for everybody.
  limits: "off",
});
for (let i = 0; i < PEOPLE; i++) await ostiary.users.create({ email: emailOf(i), password: PASSWORD, name: "Ada Lovelace" });
const registration = { redirectUris: [REDIRECT_URI] };
const { clientId, clientSecret } = await ostiary.clients.create({ name: "bench", registration });
const handle = toNodeHandler(ostiary.fetch, console.error);
const server = createServer((request, response) => void handle(request, response));
server.listen(port, "127.0.0.1", () => writeFileSync(credentialsFile, JSON.stringify({ clientId, clientSecret } satisfies Credentials)));
process.once("SIGTERM", () => process.exit(0));
