/** The application of docs/oauth.md, as it is printed, beside a real server: somebody signs in at it, is greeted, signs out. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ClientWithSecret } from "ostiary";
import { PASSWORD, signup } from "../call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "../launch.ts";
import type { Launched } from "../launch.ts";
import { fencedBlocks } from "../printed-blocks.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import { Person } from "./person.ts";

const guide = readFileSync(join(REPOSITORY, "docs/oauth.md"), "utf8");
const EMAIL = "ada@example.com";

/** The program and its client as printed, at a port of its own. */
async function startApplication(port: number, issuer: string, folder: string): Promise<Launched> {
  const command = fencedBlocks(guide, "sh").find((block) => block.startsWith("npx ostiary clients create shop"));
  const [, , ...args] = (command ?? "").replaceAll("\\\n", "").replaceAll("localhost:5000", `localhost:${port}`).split(/\s+/);
  const { clientId, clientSecret } = JSON.parse(await runOstiary([...args, "--json"], { folder })) as ClientWithSecret;
  const program = fencedBlocks(guide, "ts").find((block) => block.includes("app.listen(5000)")) ?? "";
  const file = join(temporaryFolder({ packages: true }), "app.ts");
  writeFileSync(file, program.replaceAll("http://localhost:4000/auth", issuer).replaceAll("5000", String(port)));
  return launch(process.execPath, [file], { env: { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } });
}

it("signs somebody in, greets them by what the server says of them, and signs them out at both", async () => {
  const { issuer, folder } = await startOstiary();
  await signup(issuer, EMAIL);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const program = await startApplication(port, issuer, folder);

  let visit = "";
  const open = async (path: string): Promise<Response> => {
    const answer = await fetch(new URL(path, url), { headers: { cookie: visit }, redirect: "manual" });
    visit = answer.headers.getSetCookie()[0]?.split(";")[0] ?? visit;
    return answer;
  };
  const home = async (): Promise<string> => (await open("/")).text();
  const leadsTo = async (path: string): Promise<string> => (await open(path)).headers.get("location") ?? "";
  await until("the application answers", async () => {
    if (program.hasEnded) throw new Error(program.stderr);
    return home().then(() => true, () => false);
  });
  expect(await home()).toContain("Sign in");

  const person = new Person(issuer, fetch, { email: EMAIL, password: PASSWORD });
  const back = await person.open(await leadsTo("/sign-in"));
  expect([back.url.origin, back.steps]).toEqual([url, ["sign in", "answer"]]);
  expect(await leadsTo(back.url.href)).toBe("/");
  expect(await home()).toContain(`Hello ${EMAIL}.`);

  const left = await person.open(await leadsTo("/sign-out"));
  expect([left.url.href, left.steps]).toEqual([`${url}/`, []]);
  expect(await home()).toContain("Sign in");
  expect((await person.open(await leadsTo("/sign-in"))).steps).toEqual(["sign in"]);
});
