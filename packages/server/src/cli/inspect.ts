import { text } from "node:stream/consumers";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import { decode, JwtError } from "@ostiary/jwt";
import { createGuard, GuardError } from "@ostiary/guard";
import type { Guard } from "@ostiary/guard";
import { OstiaryError } from "../errors.ts";
import { printable } from "./printable.ts";
import { describeTimes, findings } from "./token-findings.ts";

interface InspectOptions {
  issuer?: string;
  json?: boolean;
}

interface Inspection {
  readonly header: object;
  readonly claims: Record<string, unknown>;
  readonly findings: readonly string[];
  /** Null where no issuer was named, or could be asked. */
  readonly verified: boolean | null;
  readonly verdict: string;
}

const HELP = `
What the token says is shown in any case. Whether it is true is only known with --issuer:
  ostiary inspect eyJhbGciOi… --issuer http://localhost:4000/auth`;

export function addInspectCommand(program: Command): void {
  program
    .command("inspect")
    .argument("<token>", 'the token, or "-" to read it from standard input')
    .description("Show what a token says and what is wrong with it.")
    .option("--issuer <url>", "verify it with the keys of this issuer", checkedIssuer)
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(inspect);
}

async function inspect(given: string, { issuer, json }: InspectOptions): Promise<void> {
  const token = (given === "-" ? await text(process.stdin) : given).trim().replace(/^Bearer /i, "");
  const { header, claims } = decoded(token);
  const inspection: Inspection = {
    header,
    claims,
    findings: findings(header, claims, { now: Date.now(), signed: !isUnsigned(token) }),
    ...(issuer === undefined
      ? { verified: null, verdict: "Not verified: anyone can write such a token. Name its issuer with --issuer." }
      : await verify(token, issuer, claims["aud"])),
  };
  if (json) console.log(JSON.stringify(inspection));
  else print(inspection);
  // Without an issuer nothing was asked that could fail.
  const { verdict, verified } = inspection;
  if (issuer !== undefined && verified !== true) throw new OstiaryError("invalid_token", verdict);
  if (!json) console.log(verdict);
}

function decoded(token: string): { header: object; claims: Record<string, unknown> } {
  try {
    // The engine refuses to look at an unsigned token; people should see what it says. Any signature will do.
    const { header, claims } = decode(isUnsigned(token) ? `${token}AA` : token);
    return { header, claims: { ...claims } };
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    throw new OstiaryError("invalid_token", `This is not a token: ${error.message}`, { reason: "token_malformed" });
  }
}

function isUnsigned(token: string): boolean {
  return token.endsWith(".");
}

/** Asks a guard of that issuer, for the audience the token names. */
async function verify(token: string, issuer: string, aud: unknown): Promise<Pick<Inspection, "verified" | "verdict">> {
  const audience = [aud].flat().filter((value): value is string => typeof value === "string" && value !== "");
  const guard = quietGuard(issuer, audience.length > 0 ? audience : [issuer]);
  try {
    await guard.verify(token);
    return { verified: true, verdict: `Verified: signed by ${issuer} and in force. Whether it was revoked, only the issuer knows.` };
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    if (error.error !== "unavailable") {
      return { verified: false, verdict: `Refused (${error.reason ?? error.error}): ${error.message}` };
    }
    const why = guard.status().keys.lastError ?? error.message;
    return { verified: null, verdict: `Not verified: the keys of ${issuer} cannot be had (${why}).` };
  } finally {
    guard.close();
  }
}

function quietGuard(issuer: string, audience: readonly string[]): Guard {
  return createGuard({ issuer, audience, onWarning: () => {} });
}

/** The guard's own rules for issuers, told as wrong use. */
function checkedIssuer(issuer: string): string {
  try {
    quietGuard(issuer, [issuer]).close();
    return issuer;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function print({ header, claims, findings: found }: Inspection): void {
  const times = describeTimes(claims, Date.now());
  const sections = [
    `Header\n${JSON.stringify(header, null, 2)}`,
    `Claims\n${JSON.stringify(claims, null, 2)}`,
    ...(times.length > 0 ? [`Times\n${indented(times)}`] : []),
    `Findings\n${indented(found.length > 0 ? found : ["Nothing is wrong on its face."])}`,
  ];
  console.log(`${printable(sections.join("\n\n"))}\n`);
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
