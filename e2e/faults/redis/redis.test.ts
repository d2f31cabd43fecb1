import { tryExperiments } from "../try-experiments.ts";

tryExperiments("sqlite+redis", ["kill-servers", "stop-database"]);
tryExperiments("postgres+redis", ["same-token", "stop-database", "thief-and-owner", "fail-over"]);
