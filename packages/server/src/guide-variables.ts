import type { OstiaryConfig } from "./ostiary-config.ts";

/**
 * Variables that widely read guides to JWT authentication use, and what they are here; the first of a line that is set
 * counts. A variable of our own beats them all.
 */
export const GUIDE_VARIABLES = [
  { path: "accessTokenSecret", names: ["ACCESS_TOKEN_SECRET", "JWT_ACCESS_SECRET", "JWT_SECRET"] },
  { path: "refreshTokenSecret", names: ["REFRESH_TOKEN_SECRET", "JWT_REFRESH_SECRET", "REFRESH_SECRET"] },
  { path: "accessTokenTtl", names: ["ACCESS_TOKEN_EXPIRY"] },
  { path: "refreshTokenTtl", names: ["REFRESH_TOKEN_EXPIRY"] },
] as const satisfies { path: keyof OstiaryConfig; names: string[] }[];

const TAKING_SECRETS = ["HS256", "HS384", "HS512"];

export interface GuideVariable {
  readonly path: keyof OstiaryConfig;
  readonly name: string;
  readonly value: string;
}

/**
 * Those that are set and mean us. Secrets of these names may be there for something else: they count where the signing
 * algorithm takes a secret or, if none is asked for, where both of a pair are there.
 */
export function guideVariables(
  environment: Readonly<Record<string, string | undefined>>,
  signingAlgorithm: string | undefined,
): GuideVariable[] {
  const found = GUIDE_VARIABLES.flatMap(({ path, names }) => {
    const name = names.find((candidate) => environment[candidate]);
    return name === undefined ? [] : [{ path, name, value: environment[name] ?? "" }];
  });
  const hasPair = found.filter(({ path }) => path.endsWith("Secret")).length === 2;
  const takesSecrets = signingAlgorithm === undefined ? hasPair : TAKING_SECRETS.includes(signingAlgorithm);
  return found.filter(({ path }) => takesSecrets || !path.endsWith("Secret"));
}
