/** A profile as a tree of calls: who called whom, and how long it took with all that it called. */
import type { Profile, ProfileNode } from "../processes/messages.ts";

export type Origin = "ours" | "libraries" | "node" | "native";

export interface Call {
  readonly name: string;
  readonly origin: Origin;
  /** Microseconds, with what it called. */
  total: number;
  self: number;
  readonly callees: Map<string, Call>;
}

/** Without the time in which there was nothing to do. Calls of one function from one place are one. */
export function callTree({ nodes, samples, timeDeltas }: Profile): Call {
  const selfById = new Map<number, number>();
  samples.forEach((id, i) => selfById.set(id, (selfById.get(id) ?? 0) + (timeDeltas[i] ?? 0)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const root: Call = { name: "all", origin: "native", total: 0, self: 0, callees: new Map() };

  function add(node: ProfileNode, into: Call): number {
    const { name, origin } = nameOf(node);
    // Neither waiting, nor what looking itself takes.
    if (name === "(idle)" || name.endsWith("· node:inspector") || name.includes("answer-usage.ts")) return 0;
    const key = `${name} ${origin}`;
    const call: Call = into.callees.get(key) ?? { name, origin, total: 0, self: 0, callees: new Map() };
    into.callees.set(key, call);
    const self = selfById.get(node.id) ?? 0;
    let total = self;
    for (const id of node.children ?? []) total += add(byId.get(id) as ProfileNode, call);
    call.self += self;
    call.total += total;
    return total;
  }

  const [first] = nodes;
  for (const id of first?.children ?? []) root.total += add(byId.get(id) as ProfileNode, root);
  return root;
}

function nameOf({ callFrame: { functionName, url } }: ProfileNode): { name: string; origin: Origin } {
  const name = functionName === "" ? "anonymous" : functionName;
  if (url === "" || url.startsWith("wasm:")) return { name, origin: "native" };
  const file = url.split("/").at(-1) ?? "";
  if (url.startsWith("node:")) return { name: `${name} · ${file}`, origin: "node" };
  if (!url.includes("/node_modules/")) return { name: `${name} · ${file}`, origin: "ours" };
  const [scope = "", second = ""] = (url.split("/node_modules/").at(-1) ?? "").split("/");
  return { name: `${name} · ${scope.startsWith("@") ? `${scope}/${second}` : scope}`, origin: "libraries" };
}

/** Functions by the time in them alone, the longest first. */
export function longest(root: Call, count: number): { name: string; origin: Origin; self: number }[] {
  const byName = new Map<string, { name: string; origin: Origin; self: number }>();
  const visit = ({ name, origin, self, callees }: Call): void => {
    const key = `${name} ${origin}`;
    const known = byName.get(key) ?? { name, origin, self: 0 };
    known.self += self;
    byName.set(key, known);
    for (const callee of callees.values()) visit(callee);
  };
  visit(root);
  return [...byName.values()].toSorted((a, b) => b.self - a.self).slice(0, count);
}
