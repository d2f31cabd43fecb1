/** `node src/main.ts signup|login|me|logout`: an app that is no browser, as a phone's or a command line would be. */
import { AuthError, createAuthClient } from "@ostiary/client";
import { fileStorage } from "./file-storage.ts";

const { ISSUER = "http://localhost:4000/auth", SESSION_FILE = ".session.json", EMAIL = "", PASSWORD = "" } = process.env;

const auth = createAuthClient({ issuer: ISSUER, delivery: "body", storage: fileStorage(SESSION_FILE) });

const commands: Record<string, () => Promise<string>> = {
  async signup() {
    const user = await auth.signup({ email: EMAIL, password: PASSWORD });
    return user === null ? "Look into your mail." : `Hello, ${user.email}.`;
  },
  login: async () => `Hello, ${(await auth.login({ email: EMAIL, password: PASSWORD })).email}.`,
  async me() {
    const { status, reason } = await auth.ready();
    if (status !== "signed_in") return `Nobody is signed in (${reason ?? "never was"}).`;
    const response = await auth.fetch(`${ISSUER}/me`);
    return `${response.status} ${await response.text()}`;
  },
  async logout() {
    await auth.logout();
    return "Signed out.";
  },
};

const command = commands[process.argv[2] ?? ""];
try {
  if (command === undefined) throw new Error(`Say one of: ${Object.keys(commands).join(", ")}.`);
  console.log(await command());
} catch (error) {
  console.error(error instanceof AuthError ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
}
