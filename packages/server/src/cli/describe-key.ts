import type { KeySummary } from "../keys/keys.ts";

const TIMES = ["createdAt", "activatesAt", "activatedAt", "retiredAt", "goneAt"] as const;

/** As the API has it: times in ISO 8601. */
export function keyBody(key: KeySummary): Record<string, unknown> {
  const { id, ...rest } = key;
  const times = TIMES.map((name) => [name, key[name] === null ? null : new Date(key[name]).toISOString()] as const);
  return { kid: id, ...rest, ...Object.fromEntries(times) };
}

/** A timeline, one purpose after the other. */
export function describeKeys(keys: readonly KeySummary[]): string[] {
  const purposes = [...new Set(keys.map(({ purpose }) => purpose))];
  const width = Math.max(...keys.map(({ id }) => id.length));
  return purposes.flatMap((purpose, i) => [
    ...(i === 0 ? [] : [""]),
    PURPOSES[purpose],
    ...keys.filter((key) => key.purpose === purpose).map((key) => `  ${key.id.padEnd(width)}  ${describeKey(key)}`),
  ]);
}

const PURPOSES = {
  access: "access tokens",
  refresh: "refresh tokens",
  browser: "CSRF tokens and sign-in cookies",
} satisfies Record<KeySummary["purpose"], string>;

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
