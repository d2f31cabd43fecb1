/**
 * The doctor: what is wrong with a deployment, before it shows. Owns the questions that are asked, what the answers mean
 * and how to mend them. It changes nothing. Reading what is so is the business of whoever owns it (the stores' facts),
 * printing it that of the command line.
 *
 * A group looks at one part of a deployment; one that is to be looked at as well is a line here and a folder beside.
 */
import type { Settings } from "../config-schema.ts";
import type { Finding } from "./finding.ts";
import { examineStore } from "./store/examine-store.ts";

export type Group = "store";

const GROUPS: Readonly<Record<Group, (settings: Settings) => Promise<Finding[]>>> = {
  store: examineStore,
};

/** Looks at these parts of the deployment, or at all. */
export async function examine(settings: Settings, groups: readonly Group[] = []): Promise<Finding[]> {
  const wanted = groups.length > 0 ? groups : (Object.keys(GROUPS) as Group[]);
  const found = await Promise.all(wanted.map((group) => GROUPS[group](settings)));
  return found.flat();
}
