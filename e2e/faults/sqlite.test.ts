import { tryExperiments } from "./try-experiments.ts";

tryExperiments("sqlite");
