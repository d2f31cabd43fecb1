import { createGuard } from "@ostiary/guard";
import { createNextAuth } from "@ostiary/guard/next";
import { createOstiary } from "ostiary";
import { expect, it, onTestFinished } from "vitest";
import { PASSWORD } from "./call.ts";

const ORIGIN = "http://localhost:3000";
const ISSUER = `${ORIGIN}/auth`;

it("an app whose guard refuses every token gives people an error page, and sends nobody round for ever", async () => {
  const reported: unknown[] = [];
  const ostiary = await createOstiary({
    issuer: ISSUER,
    databaseUrl: "sqlite::memory:",
    secret: "a secret of the tests, long enough: 0123456789",
    onError: (error) => reported.push(error),
  });
  onTestFinished(() => ostiary.close());
  const guard = createGuard({
    issuer: ISSUER,
    audience: "https://another.example",
    fetch: async (url, init) => ostiary.fetch(new Request(url, init)),
    onWarning: () => {},
  });
  onTestFinished(() => guard.close());
  const { proxy } = createNextAuth({ issuer: ISSUER, guard });

  const jar = new Map<string, string>();
  async function ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ accept: "text/html", "sec-fetch-site": "none", ...(init.headers as Record<string, string>) });
    if (jar.size > 0) headers.set("cookie", Array.from(jar, ([name, value]) => `${name}=${value}`).join("; "));
    const request = new Request(url, { ...init, headers });
    const response = await (url.startsWith(ISSUER) ? ostiary.fetch(request) : proxy(request));
    for (const cookie of response.headers.getSetCookie()) jar.set(...(cookie.split(";")[0]?.split("=", 2) as [string, string]));
    return response;
  }

  const body = JSON.stringify({ email: "ada@example.com", password: PASSWORD });
  await ask(`${ISSUER}/signup`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const steps: string[] = [];
  let response = await ask(`${ORIGIN}/dashboard`);
  while (response.status === 307 && steps.length < 20) {
    const next = new URL(response.headers.get("location") ?? "", ORIGIN);
    steps.push(next.pathname);
    response = await ask(next.href);
  }
  expect(steps).toEqual(["/auth/continue", "/dashboard", "/auth/continue"]);
  expect([response.status, response.headers.get("content-type")]).toEqual([500, "text/html; charset=utf-8"]);
  expect(String(reported)).toContain("audience");
});
