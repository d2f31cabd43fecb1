import { describe, it } from "vitest";
import { signup } from "../call.ts";
import { consoleTests } from "./console-tests.ts";

const world = consoleTests();

describe("the token inspector", () => {
  it("lets in a good token also where it is opened by another name than the issuer's", async () => {
    const { server, open } = world();
    const { accessToken } = await signup(server.issuer, "elsewhere@example.com");
    const page = await open(server.issuer.replace("localhost", "127.0.0.1") + "/inspect");
    await page.getByText(/The issuer publishes/).waitFor();
    await page.getByLabel("Token", { exact: true }).fill(accessToken);
    await page.locator(".verdict").getByText("Let in").waitFor();
  });

  it("shows a claim that is called __proto__ as any other", async () => {
    const { open } = world();
    const page = await open("/inspect");
    const parts = ['{"alg":"ES256","typ":"at+jwt"}', '{"__proto__":"a claim","constructor":1}', "x"];
    await page.getByLabel("Token", { exact: true }).fill(parts.map((part) => Buffer.from(part).toString("base64url")).join("."));
    await page.getByRole("rowheader", { name: "__proto__" }).waitFor();
    await page.getByRole("rowheader", { name: "constructor" }).waitFor();
  });
});
