import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { decode, JwtError } from "@ostiary/jwt";
import { createGuard, GuardError } from "@ostiary/guard";
import { OstiaryError } from "../errors.ts";
import { describeTimes, findings } from "./token-findings.ts";

interface InspectOptions {
  issuer?: string;
  json?: boolean;
}

interface Inspection {
  readonly header: object;
  readonly claims: Record<string, unknown>;
  readonly findings: readonly string[];
  /** Null where no issuer was named. */
  readonly verified: boolean | null;
  readonly verdict: string;
}

export function addInspectCommand(program: Command): void {
  program
    .command("inspect <token>")
    .description('Show what a token says and what is wrong with it. "-" reads it from standard input.')
    .option("--issuer <url>", "verify it with the keys of this issuer")
    .option("--json", "print JSON")
    .action(inspect);
}

async function inspect(given: string, { issuer, json }: InspectOptions): Promise<void> {
  const token = (given === "-" ? await text(process.stdin) : given).trim().replace(/^Bearer /i, "");
  const { header, claims } = decoded(token);
  const inspection: Inspection = {
    header,
    claims,
    findings: findings(header, claims, Date.now()),
    ...(issuer === undefined
      ? { verified: null, verdict: "Not verified: anyone can write such a token. Name its issuer with --issuer." }
      : await verify(token, issuer, claims["aud"])),
  };
  if (json) console.log(JSON.stringify(inspection));
  else print(inspection);
  if (inspection.verified === false) process.exitCode = 1;
}

function decoded(token: string): { header: object; claims: Record<string, unknown> } {
  try {
    const { header, claims } = decode(token);
    return { header, claims: { ...claims } };
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    throw new OstiaryError("invalid_token", `This is not a token: ${error.message}`, { reason: "token_malformed" });
  }
}

/** Asks a guard of that issuer, for the audience the token names. */
async function verify(token: string, issuer: string, aud: unknown): Promise<Pick<Inspection, "verified" | "verdict">> {
  const audience = [aud].flat().filter((value) => typeof value === "string");
  const guard = createGuard({ issuer, audience: audience.length > 0 ? audience : [issuer], onWarning: () => {} });
  try {
    await guard.verify(token);
    return { verified: true, verdict: `Verified: signed by ${issuer} and in force, as far as the token itself tells.` };
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    return { verified: false, verdict: `Refused (${error.reason ?? error.error}): ${error.message}` };
  } finally {
    guard.close();
  }
}

function print({ header, claims, findings: found, verdict }: Inspection): void {
  console.log(`Header\n${JSON.stringify(header, null, 2)}\n\nClaims\n${JSON.stringify(claims, null, 2)}`);
  const times = describeTimes(claims, Date.now());
  if (times.length > 0) console.log(`\nTimes\n${times.map((line) => `  ${line}`).join("\n")}`);
  console.log(`\nFindings\n${(found.length > 0 ? found : ["Nothing is wrong on its face."]).map((l) => `  ${l}`).join("\n")}`);
  console.log(`\n${verdict}`);
}
