/** Loaded before each test file of a long run: raises how often every property is tried. */
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: Number(process.env["FUZZ_RUNS"]) });
