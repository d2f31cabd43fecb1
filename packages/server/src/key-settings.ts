import { importSecret } from "@ostiary/jwt";
import type { Algorithm } from "@ostiary/jwt";
import type { Settings } from "./config-schema.ts";

const DEFAULT_PUBLISH_AHEAD_SECONDS = 600;

type Given = Pick<Settings, "keyRotation" | "accessTokenSecret" | "refreshTokenSecret"> & {
  signingAlgorithm?: Algorithm | undefined;
  keyPublishAhead?: number | undefined;
};

/** What follows for keys from the settings that were given. */
export function keyDefaults(given: Given): Pick<Settings, "signingAlgorithm" | "keyPublishAhead"> {
  const hasSecrets = given.accessTokenSecret !== undefined && given.refreshTokenSecret !== undefined;
  return {
    signingAlgorithm: given.signingAlgorithm ?? (hasSecrets ? "HS256" : "ES256"),
    keyPublishAhead: given.keyPublishAhead ?? Math.min(DEFAULT_PUBLISH_AHEAD_SECONDS, given.keyRotation),
  };
}

/** What is wrong with them, a sentence each, with its mend. `nameOf` tells a setting's name as it was given. */
export function keyProblems(settings: Settings, nameOf: (path: string) => string): string[] {
  const { signingAlgorithm, accessTokenSecret, refreshTokenSecret, keyRotation, keyPublishAhead } = settings;
  const problems: string[] = [];
  const check = (path: string, secret: string | undefined, algorithm: Algorithm): void => {
    const weakness = secret === undefined ? undefined : weaknessOf(secret, algorithm);
    if (weakness !== undefined) problems.push(`${nameOf(path)}: ${weakness}`);
  };
  if (accessTokenSecret !== undefined && !signingAlgorithm.startsWith("HS")) {
    const mend = "set OSTIARY_SIGNING_ALGORITHM=HS256, or remove it";
    problems.push(`${nameOf("accessTokenSecret")} cannot sign with ${signingAlgorithm}: ${mend}.`);
  } else check("accessTokenSecret", accessTokenSecret, signingAlgorithm);
  check("refreshTokenSecret", refreshTokenSecret, "HS256");
  if (accessTokenSecret !== undefined && accessTokenSecret === refreshTokenSecret) {
    const names = `${nameOf("accessTokenSecret")} and ${nameOf("refreshTokenSecret")}`;
    problems.push(`${names} are the same: give each its own, \`npx ostiary secret\` prints one.`);
  }
  if (keyPublishAhead > keyRotation) {
    problems.push(`${nameOf("keyPublishAhead")} is longer than ${nameOf("keyRotation")}: a key would be due before it may sign.`);
  }
  return problems;
}

/** Never repeats the secret. */
function weaknessOf(secret: string, algorithm: Algorithm): string | undefined {
  try {
    importSecret(Buffer.from(secret), { algorithm });
    return undefined;
  } catch {
    const bytes = Number(algorithm.slice(2)) / 8;
    return `is too weak for ${algorithm}: set it to the output of \`npx ostiary secret --bytes ${bytes}\``;
  }
}
