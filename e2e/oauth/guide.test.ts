/** The application of the guide, as it stands there but for its ports, signs somebody in and out. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PASSWORD, signup } from "../call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "../launch.ts";
import { fencedBlocks } from "../printed-blocks.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import { Person } from "./person.ts";

const GUIDE = readFileSync(join(REPOSITORY, "docs/oauth.md"), "utf8");

it("the application of the guide signs somebody in, knows their address, and signs them out", async () => {
  const server = await startOstiary();
  const app = `http://localhost:${await freePort()}`;
  const here = (text: string): string =>
    text.replaceAll("http://localhost:4000", server.url).replaceAll("http://localhost:5000", app);

  const [command = ""] = fencedBlocks(GUIDE, "sh");
  const args = here(command).replaceAll("\\\n", " ").split(/\s+/).slice(2);
  const { clientId, clientSecret } = JSON.parse(await runOstiary([...args, "--json"], { folder: server.folder })) as Record<
    string,
    string
  >;
  const [program = ""] = fencedBlocks(GUIDE, "ts");
  const folder = temporaryFolder({ packages: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "shop.ts"), here(program).replace("app.listen(5000)", `app.listen(${new URL(app).port})`));
  const env = { CLIENT_ID: clientId ?? "", CLIENT_SECRET: clientSecret ?? "" };
  const shop = launch(process.execPath, ["shop.ts"], { cwd: folder, env });
  await until("the application answers", () => {
    if (shop.hasEnded) throw new Error(`It ended: ${shop.stderr}`);
    return fetch(app).then((answer) => answer.ok, () => false);
  });

  await signup(server.issuer, "ada@example.com");
  const person = new Person(server.issuer, fetch, { email: "ada@example.com", password: PASSWORD });
  let cookie = "";
  const ask = async (url: string): Promise<{ location: string; text: string }> => {
    const answer = await fetch(url, { redirect: "manual", headers: cookie === "" ? {} : { cookie } });
    cookie = answer.headers.getSetCookie()[0]?.split(";", 1)[0] ?? cookie;
    return { location: answer.headers.get("location") ?? "", text: await answer.text() };
  };
  const home = async (): Promise<string> => (await ask(`${app}/`)).text;

  expect(await home()).toContain("Sign in");
  const back = await person.open((await ask(`${app}/sign-in`)).location);
  expect((await ask(back.url.href)).location).toBe("/");
  expect(await home()).toContain("Hello ada@example.com");
  expect((await person.open((await ask(`${app}/sign-out`)).location)).url.href).toBe(`${app}/`);
  expect(await home()).toContain("Sign in");
});
