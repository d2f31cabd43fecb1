/** A process that has nothing to do but what its guard does: run by process-life.test.ts. */
import { createGuard } from "../src/index.ts";
import { CLIENT } from "./feed-server.ts";
import { AUDIENCE } from "./issuer.ts";

const [issuer = "", what = "", token = ""] = process.argv.slice(2);
const guard = createGuard({ issuer, audience: AUDIENCE, revocation: CLIENT, onWarning: (message) => process.stderr.write(`${message}\n`) });
if (what === "ready") {
  await guard.ready();
  process.stdout.write(`connected: ${guard.status().connected}\n`);
}
if (what === "verify") process.stdout.write(`${(await guard.verify(token)).sessionId}\n`);
if (what === "close") guard.close();
