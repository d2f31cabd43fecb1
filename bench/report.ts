/** Prints results as tables that are also Markdown. */
import { cpus } from "node:os";

import type { Result } from "./measure.ts";

/** What the numbers were measured on. */
export function printMachine(): void {
  const [cpu] = cpus();
  console.log(`Node ${process.version}, OpenSSL ${process.versions.openssl}, ${cpus().length} × ${cpu?.model.trim()}\n`);
}

/** One table: nanoseconds per operation, and each as a multiple of the first result and of the one named `base`. */
export function printTable(title: string, results: readonly Result[], base: string): void {
  const ours = results[0]?.nanoseconds ?? Number.NaN;
  const against = results.find(({ name }) => name === base)?.nanoseconds ?? Number.NaN;
  const rows = results.map(({ name, nanoseconds }) => [
    name,
    Math.round(nanoseconds).toLocaleString("en"),
    (nanoseconds / ours).toFixed(2),
    (nanoseconds / against).toFixed(2),
  ]);
  const table = [[title, "ns CPU/op", "× ours", `× ${base}`], ["---", "---:", "---:", "---:"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    console.log(`| ${cells.join(" | ")} |`);
  }
  console.log("");
}
