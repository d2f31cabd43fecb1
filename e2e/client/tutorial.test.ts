import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Page } from "playwright-core";
import { expect, inject, it, onTestFinished } from "vitest";
import { FLAGS } from "../browser-flags.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "../launch.ts";
import type { Launched } from "../launch.ts";
import { startOstiary } from "../start-ostiary.ts";

interface Block {
  readonly language: string;
  readonly code: string;
}

/** Comes to an end once the API refuses the token. */
const REFUSED = `until curl -s -o /dev/null -w '%{http_code}' $API/notes -H "Authorization: Bearer $ACCESS" | grep -q 401; do sleep 0.1; done`;
const TUTORIAL = readFileSync(join(REPOSITORY, "docs/tutorial.md"), "utf8");

it("the tutorial works as printed, in a shell and in a browser", async () => {
  const [port, api, web] = [await freePort(), await freePort(), await freePort()];
  const here = (text: string): string =>
    text.replaceAll("4000", String(port)).replaceAll("3000", String(api)).replaceAll("5173", String(web));
  const folder = temporaryFolder({ packages: true });
  const [start, ...blocks] = blocksOf(TUTORIAL).map(({ language, code }) => ({ language, code: here(code) }));
  expect(start?.code).toMatch(/^npm ci\nOSTIARY_ALLOWED_ORIGINS=http:\/\/localhost:\d+ npm start$/);
  await startOstiary({ folder, port, env: { OSTIARY_ALLOWED_ORIGINS: `http://localhost:${web}` } });
  expect(existsSync(join(folder, ".ostiary/development-guard.json"))).toBe(true);

  const shell = openShell(folder);
  let printed = "";
  let page: Page | undefined;
  for (const { language, code } of blocks) {
    const file = /^(?:\/\/|<!--) (tutorial\/\S+)/.exec(code)?.[1];
    if (file !== undefined) {
      mkdirSync(join(folder, "tutorial"), { recursive: true });
      writeFileSync(join(folder, file), code);
    } else if (language === "json") {
      expect(printed.trim()).toMatch(patternOf(code));
    } else if (code.startsWith("npx -c")) {
      await openShell(folder).start(code).says(/listens/);
    } else if (code.startsWith("npx vite")) {
      const vite = openShell(folder).start(code);
      await until("the page is served", () => fetch(`http://localhost:${web}`).then(({ ok }) => ok, () => vite.hasEnded));
      page = await signInAt(`http://localhost:${web}`);
    } else {
      printed = await shell.run(code);
      // Who types takes longer than the second within which the server hears of what another process has changed.
      if (code.includes("users set-role")) await shell.run(REFUSED);
    }
  }

  // The sessions were revoked last, by another process: the server, and with it the API, hears of that within a second.
  const load = page?.getByRole("button", { name: "Load the notes" });
  await until("the page is signed out", async () => {
    if (await page?.getByLabel("Password").isVisible()) return true;
    await load?.click({ timeout: 1000 }).catch(() => {}); // It goes away with the session.
    return false;
  });
});

async function signInAt(url: string): Promise<Page> {
  const browser = await chromium.launch({ executablePath: inject("chromium"), args: FLAGS });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill("correct horse battery staple");
  await page.getByLabel("Password").press("Enter");
  await page.getByRole("heading", { name: "Hello, ada@example.com" }).waitFor();
  await page.getByText("You may delete notes, too.").waitFor();
  await page.getByRole("button", { name: "Load the notes" }).click();
  await page.getByText('200 {"notes":[],"roles":["user","admin"]}').waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Hello, ada@example.com" }).waitFor();
  return page;
}

function blocksOf(markdown: string): Block[] {
  return Array.from(markdown.matchAll(/^```(\w+)\n([\s\S]*?)\n```$/gm), ([, language = "", code = ""]) => ({ language, code }));
}

/** `…` stands for anything. */
function patternOf(expected: string): RegExp {
  const parts = expected.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^\\n]*")}$`);
}

/** A terminal in the folder, whose variables stay from one block to the next. */
function openShell(folder: string) {
  const bin = join(REPOSITORY, "node_modules/.bin");
  const bash = launch("bash", [], { cwd: folder, group: true, env: { PATH: bin + delimiter + (process.env["PATH"] ?? "") } });
  // What npx has started does not end with npx: Vite would go on looking for its folder, a whole core long.
  onTestFinished(() => {
    if (!bash.hasEnded) bash.signal("SIGKILL", "group");
  });
  let count = 0;
  return {
    /** What it goes on printing is the caller's business. */
    start(code: string): Launched {
      bash.end(`exec ${code}\n`);
      return bash;
    },
    async run(code: string): Promise<string> {
      const before = bash.stdout.length;
      const end = `-- end of block ${++count} --`;
      bash.write(`${code}\necho "${end}"\n`);
      await until(`the shell has run ${code}`, () => {
        if (bash.hasEnded) throw new Error(`The shell ended: ${bash.stderr}`);
        return bash.stdout.includes(end, before);
      });
      return bash.stdout.slice(before).replace(`${end}\n`, "");
    },
  };
}
