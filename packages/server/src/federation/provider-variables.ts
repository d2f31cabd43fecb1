import { github, google } from "./providers.ts";
import type { SignInProvider } from "./provider.ts";

/** Providers that need nothing but what they call us: two variables each. */
const PAIRS = [
  { name: "GOOGLE", make: google },
  { name: "GITHUB", make: github },
] as const;

/** The variables' names. */
export const PROVIDER_VARIABLES: readonly string[] = PAIRS.flatMap(({ name }) => [
  `OSTIARY_${name}_CLIENT_ID`,
  `OSTIARY_${name}_CLIENT_SECRET`,
]);

/** Providers whose variables are set, and a problem for each half of a pair. */
export function providersIn(environment: Readonly<Record<string, string | undefined>>): {
  providers: SignInProvider[];
  problems: string[];
} {
  const [providers, problems]: [SignInProvider[], string[]] = [[], []];
  for (const { name, make } of PAIRS) {
    const [idName, secretName] = [`OSTIARY_${name}_CLIENT_ID`, `OSTIARY_${name}_CLIENT_SECRET`];
    const [clientId, clientSecret] = [environment[idName], environment[secretName]];
    // Compose files and the like set it to nothing rather than not at all.
    if (clientId && clientSecret) providers.push(make({ clientId, clientSecret }));
    else if (clientId) problems.push(`${secretName} is missing beside ${idName}.`);
    else if (clientSecret) problems.push(`${idName} is missing beside ${secretName}.`);
  }
  return { providers, problems };
}
