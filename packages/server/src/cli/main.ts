#!/usr/bin/env node
/**
 * The command line. Owns words for people: what is printed, asked and answered, and exit codes (1 failed, 2 wrong use).
 * One file a command; what a command does, the domains do.
 */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Before anything else is loaded: it halves the time to start. Not in the shared temporary folder, which is Node's
// default: whoever made the cache there first could choose what we run.
enableCompileCache(join(homedir(), ".cache", "ostiary"));
const { resolveNearby } = await import("./resolve-nearby.ts");
resolveNearby();
const { runCli } = await import("./program.ts");
process.exitCode = await runCli(process.argv);
