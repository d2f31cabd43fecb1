import { expect, it } from "vitest";
import { nextTests, untilExpired, userOn } from "./next-tests.ts";

/** As short as can be: tokens expire in the middle of everything. */
const next = nextTests({ OSTIARY_ACCESS_TOKEN_TTL: "5s" });

it("twenty requests at once rotate once, and all succeed", async () => {
  const { newPerson, front } = next();
  const person = await newPerson();
  const { page } = person;
  const user = await userOn(page);
  await untilExpired(person);
  const before = front.passed.length;
  const answers = await page.evaluate(async () => {
    const ask = async (n: number): Promise<string> => {
      const rsc = { RSC: "1" };
      const prefetch = { ...rsc, "Next-Router-Prefetch": "1" };
      const all: [string, RequestInit][] = [
        [`/dashboard?tab=${n}`, { headers: rsc }],
        [`/dashboard?tab=${n}`, { headers: prefetch }],
        ["/api/me", {}],
        ["/api/me", { method: "POST", body: `said ${n}` }],
      ];
      const answer = await fetch(...(all[n % 4] ?? ["", {}]));
      return `${answer.status} ${answer.headers.get("content-type")} ${await answer.text()}`;
    };
    return Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)));
  });
  for (const [n, answer] of answers.entries()) {
    expect(answer).toMatch(n % 4 < 2 ? /^200 text\/x-component/ : /^200 application\/json/);
    if (n % 4 !== 1) expect(answer).toContain(user);
    if (n % 4 === 3) expect(answer).toContain(`said ${n}`);
  }
  const passes = front.passed.slice(before).filter(({ path }) => path.startsWith("/auth/continue"));
  const refreshed = passes
    .flatMap(({ headers }) => headers["set-cookie"] ?? [])
    .filter((each) => each.includes("ostiary_refresh="));
  expect(passes.length).toBeGreaterThanOrEqual(2);
  expect(new Set(refreshed.map((each) => each.split(";")[0])).size).toBe(1);
});

it("a server action that comes when the browser has let go of the token is not lost", async () => {
  const { newPerson } = next();
  const person = await newPerson();
  const { page } = person;
  await untilExpired(person);
  await page.getByLabel("Note").fill("late");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("listitem").waitFor();
  expect(await page.getByRole("listitem").allInnerTexts()).toEqual(["late"]);
});
