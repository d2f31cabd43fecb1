import { tryExperiments } from "./try-experiments.ts";

tryExperiments("postgres", ["same-token", "fail-over"]);
