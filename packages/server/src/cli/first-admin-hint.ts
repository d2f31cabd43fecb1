import type { Settings } from "../config-schema.ts";

/** What a start says while there is no administrator. Where it may be kept by others it is no link, but the command. */
export function firstAdminHint(
  { issuer, production, log }: Pick<Settings, "issuer" | "production" | "log">,
  token: string,
  isTerminal: boolean,
): string {
  const isForItsReader = log !== "json" && (isTerminal || !production);
  if (!isForItsReader) return "There is no administrator yet. Make the first: npx ostiary users create <e-mail> --admin";
  // In the part of an address that browsers send to nobody.
  const link = `${issuer}/console/first#${token}`;
  return `There is no administrator yet. Become the first, by this link, once, within an hour: ${link}`;
}
