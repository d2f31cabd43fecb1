import { tryExperiments } from "../try-experiments.ts";

tryExperiments("sqlite+redis", ["thief-and-owner"]);
tryExperiments("postgres+redis", ["fail-over"]);
