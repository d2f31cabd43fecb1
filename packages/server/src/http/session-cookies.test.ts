import { expect, test } from "vitest";
import { startTestServer, TestClient } from "../../test/test-server.ts";

test("signing out by access token clears the cookies of that session, and of no other", async () => {
  const server = await startTestServer();
  const browser = new TestClient(server);
  const { accessToken } = await browser.signup();
  const other = await new TestClient(server).login("ada@example.com", { delivery: "body" });
  expect((await browser.call("POST", "/logout", { bearer: other.accessToken })).status).toBe(204);
  expect(browser.jar.has("ostiary_refresh")).toBe(true);
  expect((await browser.call("POST", "/logout", { bearer: accessToken })).status).toBe(204);
  expect(browser.jar.has("ostiary_refresh")).toBe(false);
});
