/** All experiments, in the order of the table. */
import { breakFeed } from "./break-feed.ts";
import { cutReplies } from "./cut-replies.ts";
import type { Experiment } from "./experiment.ts";
import { failOver } from "./fail-over.ts";
import { killServers } from "./kill-servers.ts";
import { sameToken } from "./same-token.ts";
import { stopDatabase } from "./stop-database.ts";
import { thiefAndOwner } from "./thief-and-owner.ts";

export const experiments: Readonly<Record<string, Experiment>> = {
  "kill-servers": killServers,
  "cut-replies": cutReplies,
  "same-token": sameToken,
  "stop-database": stopDatabase,
  "thief-and-owner": thiefAndOwner,
  "fail-over": failOver,
  "break-feed": breakFeed,
};
