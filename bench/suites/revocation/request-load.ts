/** Asks an API as often as it answers, with each token in turn: `request-load.ts <url> <tokens file>`. */
import { readFileSync } from "node:fs";
import { driveOnDemand } from "../../processes/closed-loop.ts";

const [address = "", file = ""] = process.argv.slice(2);
const { origin, pathname: path } = new URL(address);
const tokens = JSON.parse(readFileSync(file, "utf8")) as string[];
let next = 0;

driveOnDemand(origin, async (pool) => {
  const headers = { authorization: `Bearer ${tokens[next++ % tokens.length]}` };
  const { statusCode, body } = await pool.request({ path, method: "GET", headers });
  await body.text();
  if (statusCode !== 200) throw new Error(`${address} answered ${statusCode}`);
  return 0;
});
