import type { KeySummary } from "../keys/keys.ts";

const TIMES = ["createdAt", "activatesAt", "activatedAt", "retiredAt", "goneAt"] as const;

/** As the API has it: times in ISO 8601. */
export function keyBody(key: KeySummary): Record<string, unknown> {
  const { id, ...rest } = key;
  const times = TIMES.map((name) => [name, key[name] === null ? null : new Date(key[name]).toISOString()] as const);
  return { kid: id, ...rest, ...Object.fromEntries(times) };
}

const PURPOSES = {
  access: "access tokens",
  refresh: "refresh tokens",
  browser: "CSRF tokens and sign-in cookies",
} satisfies Record<KeySummary["purpose"], string>;

/** From the first that went to the last that is to come. */
const STATES = ["gone", "retiring", "active", "upcoming"] as const satisfies KeySummary["state"][];

/** A timeline for each purpose. */
export function describeKeys(keys: readonly KeySummary[]): string[] {
  const width = Math.max(...keys.map(({ id }) => id.length));
  const timelines = Object.entries(PURPOSES).map(([purpose, title]) => {
    const own = STATES.flatMap((state) => keys.filter((key) => key.purpose === purpose && key.state === state));
    return own.length === 0 ? [] : [title, ...own.map((key) => `  ${key.id.padEnd(width)}  ${describeKey(key)}`)];
  });
  return timelines.filter(({ length }) => length > 0).flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

/** What a key is, has been and will be. */
function describeKey(key: KeySummary): string {
  const origin = key.origin === "generated" ? "" : `, ${key.origin}`;
  return `${key.algorithm.padEnd(7)}  ${key.state.padEnd(8)}  ${history(key)}${origin}`;
}

function history({ state, createdAt, activatesAt, activatedAt, retiredAt, goneAt, compromised }: KeySummary): string {
  const since = activatedAt === null ? `there since ${at(createdAt)}` : `signed from ${at(activatedAt)}`;
  switch (state) {
    case "upcoming":
      return `there since ${at(createdAt)}, signs ${activatesAt === null ? "when it is needed" : `from ${at(activatesAt)}`}`;
    case "active":
      return `signs since ${at(activatedAt)}`;
    case "retiring":
      return `${since} to ${at(retiredAt)}, verifies until ${at(goneAt)}`;
    case "gone":
      return `${since}${retiredAt === null ? "" : ` to ${at(retiredAt)}`}, ${compromised ? "compromised and taken out" : "gone"} at ${at(goneAt)}`;
  }
}

/** To the second, in UTC. */
export function at(milliseconds: number | null): string {
  return milliseconds === null ? "?" : new Date(milliseconds).toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
}
