import { styleText } from "node:util";
import type { ClientCredentials } from "../clients/client.ts";
import type { Settings } from "../config-schema.ts";
import { developmentGuardPath } from "../data-dir.ts";
import { shownAddress } from "../shown-address.ts";

/** What `ostiary start` prints once it is ready: where it is, and what to do next. */
export function welcome(settings: Settings, guard: ClientCredentials | null, adminHint: string | null = null): string {
  const { issuer, port, databaseUrl, secret, dataDir } = settings;
  const bold = (text: string): string => styleText("bold", text);
  const dim = (text: string): string => styleText("dim", text);
  const behind = new URL(issuer).port === String(port) ? "" : `, listening on port ${port}`;
  const secretFile = secret === undefined ? `, secret in ${dataDir}/secret: keep both` : "";
  return `
${bold("Ostiary is ready")} at ${styleText("cyan", issuer)}${behind}
${dim(`Data in ${shownAddress(databaseUrl)}${secretFile}. Stop with Ctrl-C.`)}

${bold("Sign in with a browser")} at ${styleText("cyan", `${issuer}/sign-in`)}

${bold("Sign up, sign in, refresh, sign out")} ${dim("(paste into another terminal)")}

${indented(walkThrough(issuer))}

${bold("Guard an Express app")} ${dim("(npm install express @ostiary/guard)")}

${indented(guardedApp(issuer, guard))}
${guard === null ? "" : dim(`\nThe credentials are for development, kept in ${developmentGuardPath(settings)}.\n`)}
${dim(`The console: ${issuer}/console   Look into a token: ${issuer}/inspect`)}${adminHint === null ? "" : `\n${dim(adminHint)}`}
${dim(`The whole API: ${issuer}/openapi.json   Users: npx ostiary users --help`)}
`;
}

/** Works as printed, also a second time: then the sign-up says that the account is there, and the rest goes on. */
function walkThrough(issuer: string): string {
  return `
AUTH=${issuer}
JSON='Content-Type: application/json'
ADA='"email":"ada@example.com","password":"correct horse battery staple"'

curl -s $AUTH/signup -H "$JSON" -d "{$ADA}"; echo
TOKENS=$(curl -s $AUTH/login -H "$JSON" -d "{$ADA,\\"delivery\\":\\"body\\"}")
ACCESS=$(echo "$TOKENS" | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
REFRESH=$(echo "$TOKENS" | sed 's/.*"refreshToken":"\\([^"]*\\)".*/\\1/')

curl -s $AUTH/me -H "Authorization: Bearer $ACCESS"; echo
curl -s $AUTH/refresh -H "$JSON" -d "{\\"refreshToken\\":\\"$REFRESH\\"}"; echo
curl -s -X POST $AUTH/logout -H "Authorization: Bearer $ACCESS"
curl -s $AUTH/me -H "Authorization: Bearer $ACCESS"; echo   # refused: session_revoked
`.trim();
}

/** With credentials the guard knows of a sign-out at once. */
function guardedApp(issuer: string, guard: ClientCredentials | null): string {
  return `
import express from "express";
import { createGuard } from "@ostiary/guard";
import { authenticate, authorize } from "@ostiary/guard/express";

const guard = createGuard(${options(issuer, guard)});

const app = express();
app.get("/hello", authenticate(guard), (req, res) => res.json({ hello: req.auth?.subject }));
app.get("/admin", authenticate(guard), authorize("admin"), (req, res) => res.json({ secret: "42" }));
app.listen(3000);
`.trim();
}

function options(issuer: string, guard: ClientCredentials | null): string {
  const parts = [`issuer: "${issuer}"`, `audience: "${issuer}"`];
  if (guard === null) return `{ ${parts.join(", ")} }`;
  parts.push(`revocation: { clientId: "${guard.clientId}", clientSecret: "${guard.clientSecret}" }`);
  return `{\n${parts.map((part) => `  ${part},\n`).join("")}}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
