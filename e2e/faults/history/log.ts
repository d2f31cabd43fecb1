/** Append-only logs, one file for each client, as lines of JSON. */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./operation.ts";

export interface Log {
  append(operation: Operation): void;
  close(): void;
}

export function openLog(folder: string, client: string): Log {
  const file = openSync(join(folder, `${client}.jsonl`), "a");
  return {
    append: (operation) => void writeSync(file, `${JSON.stringify(operation)}\n`),
    close: () => closeSync(file),
  };
}

/** What all clients logged, by the time of asking. */
export function readLogs(folder: string): Operation[] {
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Operation)
    .toSorted((a, b) => a.start - b.start);
}
