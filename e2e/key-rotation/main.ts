/**
 * `npm run test:keys`: rotation under load, for longer than `npm test` has time for. Exit code 1 if anything honest was
 * refused, or anything accepted that was signed with a key that had gone.
 *   --seconds NUMBER    how long (180)
 *   --rotation NUMBER   how long a key signs, in seconds (5)
 *   --rate NUMBER       verifications a second, over three guards (1000)
 */
import { parseArgs } from "node:util";
import { cleanUp } from "../launch.ts";
import { rotateUnderLoad } from "./rotate-under-load.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "180" },
    rotation: { type: "string", default: "5" },
    rate: { type: "string", default: "1000" },
  },
});

process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
try {
  const { refusals, refreshFailures, ...counts } = await rotateUnderLoad({
    seconds: Number(options.seconds),
    rotationSeconds: Number(options.rotation),
    verificationsPerSecond: Number(options.rate),
  });
  const failed = refusals.length + refreshFailures.length + counts.forgedAcceptedLate;
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  process.stdout.write(`refused: ${refusals.length} ${[...new Set(refusals)].join(", ")}\n`);
  process.stdout.write(`refreshes that failed: ${refreshFailures.length} ${[...new Set(refreshFailures)].join(", ")}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await cleanUp();
}
