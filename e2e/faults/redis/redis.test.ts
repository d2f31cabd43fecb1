import { tryExperiments } from "../try-experiments.ts";

tryExperiments("sqlite+redis", ["thief-and-owner"]);
tryExperiments("postgres+redis", ["same-token", "stop-database", "fail-over"]);
