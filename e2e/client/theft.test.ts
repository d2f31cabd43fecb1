import { expect, it } from "vitest";
import { call } from "../call.ts";
import { askMe, browserTests, shows, signUp, snapshotOf } from "./browser-tests.ts";

/** Strict: the second use of a refresh token is a theft at once. */
const world = browserTests({ env: { OSTIARY_ROTATION_GRACE: "0" } });

it("a theft is told to its owner, in every tab, and after a reload nobody is signed in", async () => {
  const { front, app, newContext, open } = world();
  const context = await newContext();
  const [page, other] = [await open(context), await open(context)];
  await signUp(page);
  await shows(other, "signed_in");

  const jar = await context.cookies(`${front.issuer}/`);
  const cookie = jar.map(({ name, value }) => `${name}=${value}`).join("; ");
  const csrf = jar.find(({ name }) => name === "ostiary_csrf")?.value ?? "";
  const thief = await call("POST", `${front.issuer}/refresh`, { headers: { cookie, origin: app, "x-csrf-token": csrf } });
  expect(thief.status).toBe(200);

  await page.evaluate(() => window.auth.refresh());
  const told = { status: "signed_out", user: null, reason: "refresh_token_reused" };
  expect(await snapshotOf(page)).toEqual(told);
  await shows(other, "signed_out");
  expect(await snapshotOf(other)).toEqual(told);
  expect(await askMe(page, front.issuer)).toBe(401);
  await page.reload();
  await shows(page, "signed_out");
});
