import { tryExperiments } from "./try-experiments.ts";

tryExperiments("sqlite", ["kill-servers", "cut-replies", "same-token", "stop-database", "thief-and-owner", "break-feed"]);
