/** Argon2id with the parameters OWASP recommends: 19 MiB, two passes, one lane. */
export const ARGON2_OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The hash of nothing anyone knows, with the parameters above: an unknown user costs what a known one costs. */
export const DUMMY_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$fAQkeeEO3ffz/stVvgZcyg$8KkMdR31z7I1GAMB+wwz0IcomdtmzIXXX65Qwf7+/7w";

const OURS = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

/** Whether it is what `hashPassword` makes today, but for the pepper. */
export function isOurForm(stored: string): boolean {
  return OURS.test(stored);
}
