import { tryExperiments } from "./try-experiments.ts";

tryExperiments("postgres", ["kill-servers", "cut-replies", "same-token", "stop-database", "thief-and-owner", "fail-over", "break-feed"]);
