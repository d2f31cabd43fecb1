import { join } from "node:path";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { cleanUp, freePort, launch, REPOSITORY, temporaryFolder, until } from "../launch.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import { sharedBrowser } from "../shared-browser.ts";
import { newPerson } from "./browser-tests.ts";

afterAll(cleanUp);

const VITE = join(REPOSITORY, "node_modules/vite/bin/vite.js");

it("the React example works on an origin of its own, as its README says", async () => {
  const port = await freePort();
  const app = `http://localhost:${port}`;
  const server = await startOstiary({ env: { OSTIARY_ALLOWED_ORIGINS: app } });
  const uris = ["--redirect-uri", `${app}/redirect.html`, "--post-logout-redirect-uri", `${app}/redirect.html`];
  const created = await runOstiary(["clients", "create", "spa", "--public", "--first-party", "--json", ...uris], {
    folder: server.folder,
  });
  const { clientId } = JSON.parse(created) as { clientId: string };
  const outDir = temporaryFolder();
  const vite = (...args: string[]) =>
    launch(process.execPath, [VITE, ...args, "--outDir", outDir], {
      cwd: join(REPOSITORY, "examples/react-spa"),
      env: { VITE_ISSUER: server.issuer, VITE_CLIENT_ID: clientId },
    });
  const built = vite("build", "--emptyOutDir");
  expect(await built.ended).toMatchObject({ code: 0 });
  const preview = vite("preview", "--port", String(port), "--strictPort");
  await until("the example is served", () => fetch(app).then((answer) => answer.ok, () => preview.hasEnded));

  const context = await (await sharedBrowser()).newContext();
  onTestFinished(() => context.close());
  context.setDefaultTimeout(90_000);
  const [page, other] = [await context.newPage(), await context.newPage()];
  await page.goto(app);
  await other.goto(app);
  const person = newPerson();
  await page.getByRole("button", { name: "Create an account instead" }).click();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Create account", exact: true }).click();
  for (const tab of [page, other]) await tab.getByRole("heading", { name: "Hello, Ada Lovelace" }).waitFor();
  await page.getByRole("button", { name: "Call it" }).click();
  await page.getByText('200 {').waitFor();
  await page.reload();
  await page.getByText("This device").waitFor();
  expect(await page.getByRole("listitem").count()).toBe(1);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  for (const tab of [page, other]) await tab.getByRole("heading", { name: "Welcome back" }).waitFor();

  await page.goto(`${app}/redirect.html`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#email").fill(person.email);
  await page.locator("#password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Hello, Ada Lovelace" }).waitFor();
  await page.getByRole("button", { name: "Call it" }).click();
  await page.getByText("200 {").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
});
